"""Numbered versions of a model: what they are made of, their tags and their stage."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.preconditions import Conditional, tagged
from governance.api.resources import Resource, Tags, Text, username
from governance.api.v1.models import DescriptionSerializer, TagValueSerializer
from governance.blessing.queries import latest_blessing
from governance.blessing.verdicts import Verdict
from governance.dashboards.lineage import KINDS, lineage
from governance.release import services as release
from governance.release.assessment import Assessment
from governance.release.queries import protected_assessments
from registry import queries, services
from registry.filters import VersionFilter, VersionSearch
from registry.models import ModelVersion, PointerKind, Stage
from registry.revisions import revision_of


class VersionReferenceSerializer(serializers.Serializer):
    """Points to a version by the name of its model and its number."""

    model = serializers.CharField(source="model.name", trim_whitespace=False)
    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class VersionSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="model.name", read_only=True)
    label = serializers.CharField(read_only=True)
    model_id = serializers.CharField(source="logged_model_id", read_only=True)
    parent = VersionReferenceSerializer(read_only=True, allow_null=True)
    parameters = serializers.DictField(read_only=True)
    tags = Tags(read_only=True)
    aliases = serializers.SlugRelatedField("name", many=True, read_only=True)
    created_by = username("created_by")

    class Meta:
        model = ModelVersion
        fields = [
            "model", "number", "label", "description", "stage", "tags", "aliases", "source",
            "digest", "run_id", "run_link", "model_id", "parent", "code_commit", "training_data",
            "training_data_digest", "base_model", "container_digest", "environment_digest",
            "parameters", "created_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class PermissionSerializer(serializers.Serializer):
    """Whether the version may serve under one protected pointer now, and every reason why not."""

    pointer_kind = serializers.ChoiceField(PointerKind.choices)
    pointer = serializers.CharField()
    allowed = serializers.BooleanField()
    is_serving = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    clearance = serializers.IntegerField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    request = serializers.IntegerField(allow_null=True)
    links = serializers.DictField(child=serializers.URLField())


class NewestVerdictSerializer(serializers.Serializer):
    blessing = serializers.IntegerField(source="pk")
    verdict = serializers.ChoiceField(Verdict.choices)
    sentence = serializers.CharField()
    policy = serializers.CharField(source="policy_version.label")
    judged_at = serializers.DateTimeField(source="created_at")


class VersionLinksSerializer(serializers.Serializer):
    page = serializers.URLField()
    card = serializers.URLField()
    gate = serializers.URLField()
    evaluations = serializers.URLField()
    lineage = serializers.URLField()


class VersionDetailSerializer(VersionSerializer):
    """One version with its newest verdict, where it may serve, and where to read on."""

    verdict = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "verdict", "permissions", "links"]
        read_only_fields = fields

    @extend_schema_field(NewestVerdictSerializer(allow_null=True))
    def get_verdict(self, version: ModelVersion) -> dict | None:
        newest = latest_blessing(version)
        return NewestVerdictSerializer(newest).data if newest else None

    @extend_schema_field(PermissionSerializer(many=True))
    def get_permissions(self, version: ModelVersion) -> list[dict]:
        found = protected_assessments(version)
        return PermissionSerializer([self._permission(one) for one in found], many=True).data

    @extend_schema_field(VersionLinksSerializer)
    def get_links(self, version: ModelVersion) -> dict[str, str]:
        where = [version.model.name, version.number]
        return {
            "page": self._address(version.get_absolute_url()),
            "card": self._address(reverse("api:card", args=where)),
            "gate": self._address(reverse("api:gate", args=where)),
            "evaluations": self._address(reverse("api:version_evaluations", args=where)),
            "lineage": self._address(reverse("api:lineage", args=where)),
        }

    def _permission(self, found: Assessment) -> dict:
        """The gate's answer; its links lead to the request and to the gate of this pointer."""
        where = [found.version.model.name, found.version.number]
        named = "stage" if found.pointer_kind == PointerKind.STAGE else "alias"
        gate = f"{reverse('api:gate', args=where)}?{urlencode({named: found.pointer})}"
        links = {"gate": self._address(gate)}
        if found.request:
            links["request"] = self._address(found.request.get_absolute_url())
        return {
            "pointer_kind": found.pointer_kind,
            "pointer": found.pointer,
            "allowed": found.allowed,
            "is_serving": self._serves(found),
            "reasons": found.reasons,
            "clearance": found.clearance.pk if found.clearance else None,
            "valid_until": found.clearance.valid_until if found.clearance else None,
            "request": found.request.pk if found.request else None,
            "links": links,
        }

    def _serves(self, found: Assessment) -> bool:
        version = found.version
        if found.pointer_kind == PointerKind.STAGE:
            return version.stage == found.pointer
        return found.pointer in [alias.name for alias in version.aliases.all()]

    def _address(self, path: str) -> str:
        return self.context["request"].build_absolute_uri(path)


class NewVersionSerializer(serializers.Serializer):
    source = Text(help_text="Address of the artifact in a store, such as s3://… or models:/….")
    digest = Text(help_text="sha256:<64 hexadecimal digits> of the artifact.")
    description = Text()
    tags = serializers.DictField(child=Text(), required=False)
    parameters = serializers.DictField(required=False)
    parent = VersionReferenceSerializer(
        required=False, help_text="The version it was made from."
    )
    run_id = Text()
    run_link = Text()
    model_id = Text()
    code_commit = Text()
    training_data = Text()
    training_data_digest = Text()
    base_model = Text()
    container_digest = Text()
    environment_digest = Text()


class NewStageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(Stage.choices)
    archive_existing = serializers.BooleanField(default=False)


class VersionViewSet(ListModelMixin, Conditional):
    model = ModelVersion
    filterset_class = VersionFilter
    scope = "register"
    revised = ("create", "retrieve", "partial_update", "transition")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return VersionSerializer if self.action == "list" else VersionDetailSerializer

    def shown(self, subject: ModelVersion, code: int = status.HTTP_200_OK) -> Response:
        """The whole version; its ETag is made from the very rows that are shown."""
        found = self.visible().get(pk=subject.pk)
        return tagged(self.request, revision_of(found), self.get_serializer(found).data, code)

    def visible(self) -> QuerySet[ModelVersion]:
        model = queries.model_named(self.kwargs["name"], user=self.caller)
        return (
            model.versions.live()
            .select_related("model", "created_by", "parent__model")
            .prefetch_related("tags", "aliases")
        )

    def numbered(self, name: str, number: int) -> ModelVersion:
        return queries.version_numbered(name, number, user=self.caller)

    @extend_schema(request=NewVersionSerializer, responses={201: VersionDetailSerializer})
    def create(self, request: Request, name: str) -> Response:
        """Registers the next version; what it is made of never changes afterwards."""
        model = queries.model_named(name, user=self.caller)
        fields = self.validated(NewVersionSerializer)
        if "parent" in fields:
            fields["parent"] = self._parent(fields["parent"])
        return self.created(services.create_version(model, actor=self.caller, **fields))

    def _parent(self, reference: dict[str, Any]) -> ModelVersion:
        return self.numbered(reference["model"]["name"], reference["number"])

    def retrieve(self, request: Request, name: str, number: int) -> Response:
        """Shows one version."""
        return self.shown(self.numbered(name, number))

    @extend_schema(request=DescriptionSerializer, responses=VersionDetailSerializer)
    def partial_update(self, request: Request, name: str, number: int) -> Response:
        """Replaces the description, the one text of a version that may change."""
        version = self.numbered(name, number)
        fields = self.validated(DescriptionSerializer)
        return self.shown(
            services.update_version(
                version, actor=self.caller, expected=self.expected, **fields
            )
        )

    def destroy(self, request: Request, name: str, number: int) -> Response:
        """Takes the version out of use, if the gate lets its pointers go."""
        version = self.numbered(name, number)
        services.delete_version(version, actor=self.caller, expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NewStageSerializer, responses=VersionDetailSerializer)
    def transition(self, request: Request, name: str, number: int) -> Response:
        """Moves the version to a stage, if the gate allows it."""
        version = self.numbered(name, number)
        fields = self.validated(NewStageSerializer)
        return self.shown(
            release.enter_stage(version, actor=self.caller, expected=self.expected, **fields)
        )


class VersionSearchViewSet(ListModelMixin, Resource):
    """Versions of all models the caller may see, newest first."""

    model = ModelVersion
    serializer_class = VersionSerializer
    filterset_class = VersionSearch

    def visible(self) -> QuerySet[ModelVersion]:
        return (
            ModelVersion.objects.visible_to(self.caller)
            .select_related("model", "created_by", "parent__model")
            .prefetch_related("tags", "aliases")
            .order_by("-pk")
        )


class LineageNodeSerializer(serializers.Serializer):
    key = serializers.CharField()
    kind = serializers.ChoiceField(list(KINDS))
    title = serializers.CharField()
    rank = serializers.IntegerField(
        help_text="0 is the version; below it what came before, above it what came after."
    )
    detail = serializers.CharField(help_text="The digest, where there is one.")
    url = serializers.CharField()
    note = serializers.CharField()


class LineageEdgeSerializer(serializers.Serializer):
    source = serializers.CharField()
    target = serializers.CharField()
    words = serializers.CharField()


class LineageSerializer(serializers.Serializer):
    nodes = LineageNodeSerializer(many=True)
    edges = LineageEdgeSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField())


class LineageViewSet(Resource):
    model = ModelVersion
    serializer_class = LineageSerializer

    @extend_schema(responses=LineageSerializer, filters=False)
    def retrieve(self, request: Request, name: str, number: int) -> Response:
        """Shows what the version was made from and what came of it, as nodes and edges."""
        version = queries.version_numbered(name, number, user=self.caller)
        return Response(LineageSerializer(lineage(version, user=self.caller)).data)


class VersionTagViewSet(Conditional):
    model = ModelVersion
    serializer_class = TagValueSerializer
    scope = "register"

    @extend_schema(request=TagValueSerializer, responses=TagValueSerializer)
    def update(self, request: Request, name: str, number: int, key: str) -> Response:
        """Sets or replaces a tag of the version."""
        version = queries.version_numbered(name, number, user=self.caller)
        fields = self.validated(TagValueSerializer)
        tag = services.set_tag(
            version, key, fields["value"], actor=self.caller, expected=self.expected
        )
        return Response(TagValueSerializer(tag).data)

    def destroy(self, request: Request, name: str, number: int, key: str) -> Response:
        """Takes a tag away."""
        version = queries.version_numbered(name, number, user=self.caller)
        services.delete_tag(version, key, actor=self.caller, expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)
