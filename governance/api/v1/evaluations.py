"""Evaluations: handing in predictions, following the measurement, reading and comparing figures."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiTypes,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parsers import JSONParser, MultiPartParser
from governance.api.resources import Resource, Text, username
from governance.api.v1.comparisons import ComparedSerializer
from governance.api.v1.jobs import JobSerializer
from governance.errors import NotFound
from governance.evaluation import queries, services
from governance.evaluation.columns import TASKS
from governance.evaluation.filters import EvaluationFilter
from governance.evaluation.models import Curve, Evaluation, Measurement
from registry.queries import version_numbered


class EvaluationSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    columns = serializers.DictField(read_only=True)
    parameters = serializers.DictField(read_only=True)
    costs = serializers.DictField(read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    created_by = username("created_by")

    class Meta:
        model = Evaluation
        fields = [
            "id", "model", "version", "task", "parameters", "dataset_name", "dataset_version", "period_start",
            "period_end", "source_kind", "source", "columns", "threshold", "costs", "favourable",
            "state", "reason", "data_digest", "rows_digest", "rows", "positives", "ranking",
            "code_version", "job", "created_by", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class MeasurementSerializer(serializers.ModelSerializer):
    class Meta:
        model = Measurement
        fields = [
            "metric", "slice_field", "slice_value", "value", "low", "high", "method",
            "n", "positives", "threshold", "unit", "direction",
        ]  # fmt: skip
        read_only_fields = fields


class CurveSerializer(serializers.ModelSerializer):
    points = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Curve
        fields = ["kind", "slice", "points"]
        read_only_fields = fields


class MeasuredSerializer(EvaluationSerializer):
    measurements = MeasurementSerializer(many=True, read_only=True)
    curves = CurveSerializer(many=True, read_only=True)

    class Meta(EvaluationSerializer.Meta):
        fields = [*EvaluationSerializer.Meta.fields, "measurements", "curves"]
        read_only_fields = fields


class ColumnsSerializer(serializers.Serializer):
    """Which column holds what: `score` and `label` for yes-or-no predictions, and so on by task.

    regression: `prediction`, `label`; multiclass: `prediction`, `label` and perhaps `scores`, one
    column a class; multilabel: `labels` and `scores`, one column a label each; ranking: `query`,
    `label` (the gain), `score`. A slice is a column, {"field", "edges"} or {"field", "quantiles"}
    for a number, or {"cross": [two of these]}.
    """

    score, label, prediction, query = (
        serializers.CharField(trim_whitespace=False, required=False) for _ in range(4)
    )
    labels, scores = (
        serializers.DictField(
            child=serializers.CharField(trim_whitespace=False), required=False
        )
        for _ in range(2)
    )
    row_key = Text(help_text="Pairs the rows of different versions; without it their position.")
    weight = Text(help_text="How much a row counts.")
    costs = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False),
        required=False,
        help_text="The column of what an outcome costs, where that differs from row to row.",
    )
    slices = serializers.ListField(child=serializers.JSONField(), required=False)


class AskedSerializer(serializers.Serializer):
    dataset_name = serializers.CharField(max_length=200)
    dataset_version = Text(max_length=100)
    task = serializers.ChoiceField(TASKS, required=False)
    threshold = serializers.FloatField(min_value=0, max_value=1, required=False)
    parameters = serializers.JSONField(
        required=False, help_text="Ranking: depth. Regression: quantile."
    )
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)


class NamedFileSerializer(AskedSerializer):
    """Names a file on the server, or an address, under the folders and prefixes that are open."""

    source = serializers.CharField(help_text="A path or an https address.")
    columns = ColumnsSerializer()


class UploadSerializer(AskedSerializer):
    """Sends the file along; `columns` is JSON in a form field."""

    source = serializers.FileField(help_text="Parquet or CSV.")
    columns = serializers.JSONField()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        fields = super().to_internal_value(data)
        columns = ColumnsSerializer(data=fields["columns"])
        if not columns.is_valid():
            raise serializers.ValidationError({"columns": columns.errors})
        return fields | {"columns": dict(columns.validated_data)}


class FigureSerializer(serializers.Serializer):
    """One figure as its maker reports it; what is wrong with one is told by its position."""

    metric = serializers.CharField(
        help_text="Small letters, digits and _; kept as reported.<metric>."
    )
    value = serializers.FloatField()
    n = serializers.IntegerField(help_text="How many cases were measured.")
    low, high = (serializers.FloatField(required=False, allow_null=True) for _ in range(2))
    unit, direction, slice_field, slice_value, method = (Text() for _ in range(5))


@extend_schema_field(FigureSerializer(many=True))
class Figures(serializers.ListField):
    child = serializers.JSONField()


class ReportSerializer(serializers.Serializer):
    """Figures that were measured elsewhere, marked as reported wherever they are shown."""

    dataset_name = serializers.CharField(max_length=200)
    dataset_version = Text(max_length=100)
    measured_with = Text(
        max_length=200, help_text="The program that measured, and its version."
    )
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    measurements = Figures()


class AcceptedSerializer(serializers.Serializer):
    evaluation = EvaluationSerializer()
    job = JobSerializer()


def seen(view: Resource) -> QuerySet[Evaluation]:
    evaluations = Evaluation.objects.visible_to(view.caller)
    return evaluations.select_related("version__model", "created_by")


class EvaluationViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Evaluation
    serializer_class = EvaluationSerializer
    filterset_class = EvaluationFilter

    def visible(self) -> QuerySet[Evaluation]:
        if self.action == "retrieve":
            return seen(self).prefetch_related("measurements", "curves")
        return seen(self)

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return MeasuredSerializer if self.action == "retrieve" else EvaluationSerializer

    @extend_schema(
        parameters=[OpenApiParameter("with", OpenApiTypes.UUID, required=True)],
        responses=ComparedSerializer,
        filters=False,
    )
    def compare(self, request: Request, pk: str) -> Response:
        """Shows the comparison with another evaluation of the same rows, once it was asked for."""
        evaluation = self.get_object()
        asked = serializers.UUIDField().run_validation(request.query_params.get("with", ""))
        other = get_object_or_404(seen(self), pk=asked)
        if made := queries.comparison_of(evaluation, other):
            return Response(ComparedSerializer(made).data)
        raise NotFound("These two were not compared yet; ask for it by POST to comparisons/.")


class VersionEvaluationViewSet(ListModelMixin, Resource):
    """The evaluations of one version; handing in predictions starts another."""

    model = Evaluation
    serializer_class = EvaluationSerializer
    filterset_class = EvaluationFilter
    parser_classes = [JSONParser, MultiPartParser]
    scope = "evaluate"

    def visible(self) -> QuerySet[Evaluation]:
        where = (self.kwargs["name"], self.kwargs["number"])
        return seen(self).filter(version=version_numbered(*where, user=self.caller))

    @extend_schema(
        request={
            "multipart/form-data": UploadSerializer,
            "application/json": NamedFileSerializer,
        },
        responses={202: AcceptedSerializer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]),
        ],
    )
    def create(self, request: Request, name: str, number: int) -> Response:
        """Takes predictions and starts to measure them; `Location` is the job that does it."""
        version = version_numbered(name, number, user=self.caller)
        is_form = request.content_type.startswith("multipart/")
        fields = self.validated(UploadSerializer if is_form else NamedFileSerializer)
        evaluation = services.request_evaluation(version, actor=self.caller, **fields)
        job = reverse("api:job", args=[evaluation.job_id], request=request)
        accepted = AcceptedSerializer({"evaluation": evaluation, "job": evaluation.job})
        return Response(accepted.data, status.HTTP_202_ACCEPTED, headers={"Location": job})

    @extend_schema(request=ReportSerializer, responses={201: EvaluationSerializer})
    def report(self, request: Request, name: str, number: int) -> Response:
        """Takes figures that were measured elsewhere, with n and perhaps an interval each."""
        version = version_numbered(name, number, user=self.caller)
        fields = self.validated(ReportSerializer)
        evaluation = services.report_measurements(version, actor=self.caller, **fields)
        return Response(EvaluationSerializer(evaluation).data, status.HTTP_201_CREATED)
