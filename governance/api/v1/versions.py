"""Numbered versions of a model: what they are made of, their tags and their stage."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, Tags, Text, username
from governance.api.v1.models import DescriptionSerializer, TagValueSerializer
from registry import queries, services
from registry.filters import VersionFilter
from registry.models import ModelVersion, Stage


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


class VersionViewSet(ListModelMixin, Resource):
    model = ModelVersion
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    scope = "register"

    def visible(self) -> QuerySet[ModelVersion]:
        model = queries.model_named(self.kwargs["name"], user=self.caller)
        return (
            model.versions.live()
            .select_related("model", "created_by", "parent__model")
            .prefetch_related("tags", "aliases")
        )

    def numbered(self, name: str, number: int) -> ModelVersion:
        return queries.version_numbered(name, number, user=self.caller)

    @extend_schema(request=NewVersionSerializer, responses={201: VersionSerializer})
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

    @extend_schema(request=DescriptionSerializer, responses=VersionSerializer)
    def partial_update(self, request: Request, name: str, number: int) -> Response:
        """Replaces the description, the one text of a version that may change."""
        version = self.numbered(name, number)
        fields = self.validated(DescriptionSerializer)
        return self.shown(services.update_version(version, actor=self.caller, **fields))

    def destroy(self, request: Request, name: str, number: int) -> Response:
        """Takes the version out of use, if the gate lets its pointers go."""
        services.delete_version(self.numbered(name, number), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NewStageSerializer, responses=VersionSerializer)
    def transition(self, request: Request, name: str, number: int) -> Response:
        """Moves the version to a stage, if the gate allows it."""
        version = self.numbered(name, number)
        fields = self.validated(NewStageSerializer)
        return self.shown(services.transition_stage(version, actor=self.caller, **fields))


class VersionTagViewSet(Resource):
    model = ModelVersion
    serializer_class = TagValueSerializer
    scope = "register"

    @extend_schema(request=TagValueSerializer, responses=TagValueSerializer)
    def update(self, request: Request, name: str, number: int, key: str) -> Response:
        """Sets or replaces a tag of the version."""
        version = queries.version_numbered(name, number, user=self.caller)
        fields = self.validated(TagValueSerializer)
        tag = services.set_tag(version, key, fields["value"], actor=self.caller)
        return Response(TagValueSerializer(tag).data)

    def destroy(self, request: Request, name: str, number: int, key: str) -> Response:
        """Takes a tag away."""
        version = queries.version_numbered(name, number, user=self.caller)
        services.delete_tag(version, key, actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)
