"""How lists of models, versions and moves are narrowed; used by the pages and by the API."""

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet

from registry.models import (
    AliasMove,
    ModelVersion,
    PointerKind,
    RegisteredModel,
    Stage,
    VersionTag,
)


class ModelFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains", label="Part of the name")
    tag = filters.CharFilter(field_name="tags__key", distinct=True, label="Key of a tag")
    alias = filters.CharFilter(field_name="aliases__name", label="Has this alias")
    order = filters.OrderingFilter(
        fields=["name", "created_at", "updated_at"], label="Order, descending with “-”"
    )

    class Meta:
        model = RegisteredModel
        fields: list[str] = []


class VersionFilter(filters.FilterSet):
    stage = filters.ChoiceFilter(choices=Stage, label="Stage")
    run_id = filters.CharFilter(label="Id of the run that made it")
    digest = filters.CharFilter(label="Digest of the artifact")
    alias = filters.CharFilter(field_name="aliases__name", label="Has this alias")

    class Meta:
        model = ModelVersion
        fields: list[str] = []


class VersionSearch(VersionFilter):
    """Finds versions across models."""

    model = filters.CharFilter(field_name="model__name", label="Name of the model")
    name = filters.CharFilter(
        field_name="model__name", lookup_expr="icontains", label="Part of the model's name"
    )
    tag = filters.CharFilter(method="tagged", label="A tag: key, or key=value")

    def tagged(
        self, versions: QuerySet[ModelVersion], _name: str, given: str
    ) -> QuerySet[ModelVersion]:
        key, has_value, value = given.partition("=")
        wanted = {"key": key, "value": value} if has_value else {"key": key}
        tags = VersionTag.objects.filter(version=OuterRef("pk"), **wanted)
        return versions.filter(Exists(tags))


class MoveFilter(filters.FilterSet):
    pointer = filters.CharFilter(label="Alias or stage")
    pointer_kind = filters.ChoiceFilter(choices=PointerKind, label="Kind of pointer")

    class Meta:
        model = AliasMove
        fields: list[str] = []
