"""Comparisons: asking for two evaluations side by side on the same rows, and reading how they differ."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.resources import Resource, username
from governance.api.v1.jobs import JobSerializer
from governance.evaluation import comparing
from governance.evaluation.filters import ComparisonFilter
from governance.evaluation.models import Comparison, Evaluation


class DifferenceSerializer(serializers.Serializer):
    """First minus second; both names of the slice are empty for all rows."""

    metric = serializers.CharField()
    slice_field = serializers.CharField()
    slice_value = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    method = serializers.CharField()
    n = serializers.IntegerField()
    told_apart = serializers.BooleanField()
    sentence = serializers.CharField()


class ComparisonSerializer(serializers.ModelSerializer):
    evaluation = serializers.UUIDField(source="evaluation_id", read_only=True)
    other = serializers.UUIDField(source="other_id", read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    created_by = username("created_by")

    class Meta:
        model = Comparison
        fields = [
            "id", "evaluation", "other", "state", "reason", "costs_sentence", "code_version",
            "job", "created_by", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class ComparedSerializer(ComparisonSerializer):
    differences = DifferenceSerializer(many=True, read_only=True)

    class Meta(ComparisonSerializer.Meta):
        fields = [*ComparisonSerializer.Meta.fields, "differences"]
        read_only_fields = fields


class ComparisonAskedSerializer(serializers.Serializer):
    evaluation = serializers.UUIDField()
    other = serializers.UUIDField()


class ComparisonAcceptedSerializer(serializers.Serializer):
    comparison = ComparisonSerializer()
    job = JobSerializer()


class ComparisonViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Comparison
    serializer_class = ComparisonSerializer
    filterset_class = ComparisonFilter
    scope = "evaluate"

    def visible(self) -> QuerySet[Comparison]:
        made = Comparison.objects.visible_to(self.caller).select_related("created_by")
        return made if self.action == "retrieve" else made.defer("differences")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ComparedSerializer if self.action == "retrieve" else ComparisonSerializer

    @extend_schema(
        request=ComparisonAskedSerializer,
        responses={202: ComparisonAcceptedSerializer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]),
        ],
    )
    def create(self, request: Request) -> Response:
        """Starts to compare, or gives back what was compared; `Location` is the job that does it."""
        fields = self.validated(ComparisonAskedSerializer)
        seen = Evaluation.objects.visible_to(self.caller).select_related("version__model")
        both = (get_object_or_404(seen, pk=fields[name]) for name in ("evaluation", "other"))
        made = comparing.request_comparison(*both, actor=self.caller)
        job = reverse("api:job", args=[made.job_id], request=request)
        accepted = ComparisonAcceptedSerializer({"comparison": made, "job": made.job})
        return Response(accepted.data, status.HTTP_202_ACCEPTED, headers={"Location": job})
