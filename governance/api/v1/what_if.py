"""What if the rules were other ones: a verdict judged again on its frozen evidence; stores nothing."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, Text
from governance.backtests import what_if
from governance.backtests.what_if import TriedRule, WhatIf
from governance.blessing.models import Blessing

MOST_RULES = 100


class WhatIfAskedSerializer(serializers.Serializer):
    """Either rules to judge by instead of the policy's, or the text of a whole policy."""

    rules = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        allow_empty=False,
        max_length=MOST_RULES,
        help_text="As in “auc floor: auc at least 0.75”; the rest is of the policy it was judged by.",
    )
    text = Text(help_text="YAML.")


class TriedRuleSerializer(serializers.Serializer):
    """Nothing `then` where the rule was not asked."""

    name = serializers.CharField()
    text = serializers.CharField()
    severity = serializers.CharField()
    outcome = serializers.CharField()
    sentence = serializers.CharField()
    outcome_then = serializers.CharField(allow_null=True)
    sentence_then = serializers.CharField(allow_null=True)
    flips = serializers.BooleanField()


class WhatIfSerializer(serializers.Serializer):
    verdict = serializers.CharField()
    sentence = serializers.CharField()
    verdict_then = serializers.CharField()
    sentence_then = serializers.CharField()
    suffices = serializers.BooleanField(help_text="Whether approval could be asked for.")
    sufficed_then = serializers.BooleanField()
    rules = TriedRuleSerializer(many=True)


class WhatIfViewSet(Resource):
    model = Blessing
    serializer_class = WhatIfSerializer
    scope = "evaluate"

    def visible(self) -> QuerySet[Blessing]:
        blessings = Blessing.objects.visible_to(self.caller).select_related(
            "evaluation", "policy_version__policy"
        )
        return blessings.defer("frozen", "comparison").prefetch_related("results")

    @extend_schema(request=WhatIfAskedSerializer, responses=WhatIfSerializer)
    def create(self, request: Request, pk: int) -> Response:
        """Tells which rules would come to another outcome; nothing is stored."""
        blessing = self.get_object()
        fields = self.validated(WhatIfAskedSerializer)
        tried = what_if.asked(blessing, fields.get("rules", ()), fields.get("text", ""))
        return Response(WhatIfSerializer(_told(tried)).data)


def _told(tried: WhatIf) -> dict:
    return {
        "verdict": tried.judgement.verdict.value,
        "sentence": tried.judgement.sentence,
        "verdict_then": tried.blessing.verdict,
        "sentence_then": tried.blessing.sentence,
        "suffices": tried.passes,
        "sufficed_then": tried.passed_then,
        "rules": [_rule(one) for one in tried.rules],
    }


def _rule(one: TriedRule) -> dict:
    return {
        "name": one.rule.name,
        "text": str(one.rule),
        "severity": one.rule.severity.value,
        "outcome": one.now.outcome.value,
        "sentence": one.now.sentence,
        "outcome_then": one.then.outcome if one.then else None,
        "sentence_then": one.then.sentence if one.then else None,
        "flips": one.flips,
    }
