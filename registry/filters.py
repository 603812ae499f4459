"""How lists of models, versions and moves are narrowed; used by the pages and by the API."""

import django_filters as filters

from registry.models import AliasMove, ModelVersion, PointerKind, RegisteredModel, Stage


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


class MoveFilter(filters.FilterSet):
    pointer = filters.CharFilter(label="Alias or stage")
    pointer_kind = filters.ChoiceFilter(choices=PointerKind, label="Kind of pointer")

    class Meta:
        model = AliasMove
        fields: list[str] = []
