"""Verdicts: what the machine judged, by which policy, and each rule's reason."""

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from governance.api.resources import Resource
from governance.blessing.filters import BlessingFilter
from governance.blessing.models import Blessing, RuleResult


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


class JudgementSerializer(BlessingSerializer):
    results = RuleResultSerializer(many=True, read_only=True)
    comparison = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Differences to the baseline."
    )

    class Meta(BlessingSerializer.Meta):
        fields = [*BlessingSerializer.Meta.fields, "results", "comparison"]
        read_only_fields = fields


class BlessingViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Blessing
    serializer_class = BlessingSerializer
    filterset_class = BlessingFilter

    def visible(self) -> QuerySet[Blessing]:
        blessings = Blessing.objects.visible_to(self.caller).select_related(
            "version__model", "policy_version__policy", "baseline_version"
        )
        return blessings.prefetch_related("results") if self.action == "retrieve" else blessings

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return JudgementSerializer if self.action == "retrieve" else BlessingSerializer
