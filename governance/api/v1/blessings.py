"""Verdicts: having an evaluation judged, and what was judged by which policy with each rule's reason."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.resources import Resource
from governance.api.v1.jobs import JobSerializer
from governance.blessing.filters import BlessingFilter
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.services import request_judgement
from governance.blessing.ways_forward import Way
from governance.evaluation.models import Evaluation


class BlessingSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    evaluation = serializers.UUIDField(source="evaluation_id", read_only=True)
    policy = serializers.CharField(source="policy_version.policy.name", read_only=True)
    policy_version = serializers.IntegerField(source="policy_version.number", read_only=True)
    baseline_version = serializers.IntegerField(
        source="baseline_version.number", default=None, allow_null=True, read_only=True
    )
    suffices = serializers.BooleanField(
        source="is_sufficient", read_only=True, help_text="Whether approval may be asked for."
    )

    class Meta:
        model = Blessing
        fields = [
            "id", "model", "version", "evaluation", "policy", "policy_version", "verdict",
            "suffices", "sentence", "baseline_version", "digest", "code_version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class RuleResultSerializer(serializers.ModelSerializer):
    parts = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Every group of the rule."
    )
    exception = serializers.DictField(
        read_only=True,
        allow_null=True,
        help_text="What covers the rule, which stays red: id and last day of the exception.",
    )

    class Meta:
        model = RuleResult
        fields = [
            "position", "name", "text", "severity", "outcome", "sentence", "value", "low", "high",
            "n", "positives", "bound", "slice", "parts", "exception",
        ]  # fmt: skip
        read_only_fields = fields


class WaySerializer(serializers.Serializer):
    """One rule that stands in the way, and what would be enough for it."""

    rule = serializers.CharField()
    effort = serializers.SerializerMethodField(
        help_text="an act, more rows, or a better model: the least first."
    )
    rows_missing = serializers.IntegerField()
    sentence = serializers.CharField()

    def get_effort(self, way: Way) -> str:
        return way.effort.name.lower().replace("_", " ")


class BlessingAskedSerializer(serializers.Serializer):
    evaluation = serializers.UUIDField(help_text="A finished evaluation of a governed model.")


class JudgementSerializer(BlessingSerializer):
    results = RuleResultSerializer(many=True, read_only=True)
    comparison = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Differences to the baseline."
    )
    ways_forward = WaySerializer(
        many=True, read_only=True, help_text="What would be enough, the cheapest way first."
    )

    class Meta(BlessingSerializer.Meta):
        fields = [*BlessingSerializer.Meta.fields, "results", "comparison", "ways_forward"]
        read_only_fields = fields


class BlessingViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Blessing
    serializer_class = BlessingSerializer
    filterset_class = BlessingFilter
    scope = "evaluate"

    def visible(self) -> QuerySet[Blessing]:
        blessings = Blessing.objects.visible_to(self.caller).select_related(
            "version__model", "policy_version__policy", "baseline_version"
        )
        return blessings.prefetch_related("results") if self.action == "retrieve" else blessings

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return JudgementSerializer if self.action == "retrieve" else BlessingSerializer

    @extend_schema(
        request=BlessingAskedSerializer,
        responses={202: JobSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202])],
    )
    def create(self, request: Request) -> Response:
        """Judges an evaluation again, by the policy that applies now; the verdict is a new blessing."""
        seen = Evaluation.objects.visible_to(self.caller).select_related("version__model")
        evaluation = get_object_or_404(
            seen, pk=self.validated(BlessingAskedSerializer)["evaluation"]
        )
        job = request_judgement(evaluation, actor=self.caller)
        where = reverse("api:job", args=[job.pk], request=request)
        return Response(
            JobSerializer(job).data, status.HTTP_202_ACCEPTED, headers={"Location": where}
        )
