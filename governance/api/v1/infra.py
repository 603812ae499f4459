"""Infra checks: handing in an artifact to be tried, following the trial, reading what it found."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parsers import ArtifactParser, JSONParser
from governance.api.resources import Resource, Text, username
from governance.api.v1.jobs import JobSerializer
from governance.infra import services
from governance.infra.filters import InfraCheckFilter
from governance.infra.models import InfraCheck, InfraFinding
from registry.queries import version_numbered


class GivenFileSerializer(serializers.Serializer):
    """A file that was handed in or named; `kind` is upload, path or pinned."""

    kind = serializers.CharField()
    source = serializers.CharField()
    digest = serializers.CharField(allow_blank=True)


class OptionalFile(GivenFileSerializer):
    """Nothing where none was given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, file: dict[str, str]) -> dict[str, str] | None:
        return super().to_representation(file) if file else None


class InfraCheckSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    artifact = GivenFileSerializer(read_only=True)
    rows = OptionalFile()
    golden = OptionalFile()
    expected = serializers.DictField(child=serializers.CharField(), read_only=True)
    isolation = serializers.ListField(child=serializers.CharField(), read_only=True)
    ran_with = serializers.DictField(child=serializers.CharField(), read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    created_by = username("created_by")

    class Meta:
        model = InfraCheck
        fields = [
            "id", "model", "version", "artifact", "rows", "golden", "expected", "seconds",
            "memory_mb", "p95_ms", "lowest", "highest", "range_output", "same_within",
            "golden_within", "state", "reason", "artifact_digest", "isolation", "ran_with",
            "job", "created_by", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class InfraFindingSerializer(serializers.ModelSerializer):
    class Meta:
        model = InfraFinding
        fields = ["key", "title", "outcome", "sentence", "value", "limit", "unit"]
        read_only_fields = fields


class InfraCheckedSerializer(InfraCheckSerializer):
    findings = InfraFindingSerializer(many=True, read_only=True)

    class Meta(InfraCheckSerializer.Meta):
        fields = [*InfraCheckSerializer.Meta.fields, "findings"]
        read_only_fields = fields


class InfraAskedSerializer(serializers.Serializer):
    model = serializers.CharField(trim_whitespace=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    seconds = serializers.IntegerField(required=False, help_text="For opening and trying it.")
    memory_mb = serializers.IntegerField(required=False)
    p95_ms = serializers.FloatField(required=False, allow_null=True)
    lowest = serializers.FloatField(required=False, allow_null=True)
    highest = serializers.FloatField(required=False, allow_null=True)
    range_output = Text(help_text="The output the range is for; without it all with fractions.")
    same_within = serializers.FloatField(required=False)
    golden_within = serializers.FloatField(required=False)


class InfraNamedSerializer(InfraAskedSerializer):
    """Names files on the server under the folders that are open; without `artifact`, what is pinned."""

    artifact = Text(help_text="A file or folder; without it the pinned artifact is fetched.")
    rows = Text(help_text="CSV or Parquet.")
    golden = Text(help_text="CSV or Parquet, with a column for an output.")
    expected = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text='From columns of the golden rows to outputs: {"score": "probabilities[1]"}.',
    )


class InfraUploadSerializer(InfraAskedSerializer):
    """Sends the files along; `expected` is JSON in a form field."""

    artifact = serializers.FileField(
        required=False, allow_empty_file=True, help_text="An ONNX file, or a folder as .zip."
    )
    rows = serializers.FileField(required=False, allow_empty_file=True)
    golden = serializers.FileField(required=False, allow_empty_file=True)
    expected = serializers.JSONField(required=False)


class InfraAcceptedSerializer(serializers.Serializer):
    check = InfraCheckSerializer()
    job = JobSerializer()


class InfraCheckViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = InfraCheck
    serializer_class = InfraCheckSerializer
    filterset_class = InfraCheckFilter
    parser_classes = [JSONParser, ArtifactParser]
    scope = "evaluate"

    def visible(self) -> QuerySet[InfraCheck]:
        checks = InfraCheck.objects.visible_to(self.caller)
        checks = checks.select_related("version__model", "created_by")
        return checks.prefetch_related("findings") if self.action == "retrieve" else checks

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return InfraCheckedSerializer if self.action == "retrieve" else InfraCheckSerializer

    @extend_schema(
        request={
            "multipart/form-data": InfraUploadSerializer,
            "application/json": InfraNamedSerializer,
        },
        responses={202: InfraAcceptedSerializer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]),
        ],
    )
    def create(self, request: Request) -> Response:
        """Takes an artifact and starts to try it; `Location` is the job that does it."""
        is_form = request.content_type.startswith("multipart/")
        fields = self.validated(InfraUploadSerializer if is_form else InfraNamedSerializer)
        name, number = fields.pop("model"), fields.pop("version")
        version = version_numbered(name, number, user=self.caller)
        check = services.request_check(version, actor=self.caller, **fields)
        job = reverse("api:job", args=[check.job_id], request=request)
        accepted = InfraAcceptedSerializer({"check": check, "job": check.job})
        return Response(accepted.data, status.HTTP_202_ACCEPTED, headers={"Location": job})
