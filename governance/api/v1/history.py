"""The history of a model's pointers: what served at any moment, and from when to when."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from registry import history, queries
from registry.models import AliasMove, PointerKind


class MomentQuestionSerializer(serializers.Serializer):
    at = serializers.DateTimeField(
        required=False,
        help_text="A moment in ISO 8601, a day meaning its first; now if left out.",
    )


class HoldingSerializer(serializers.Serializer):
    """One version under one pointer, and the decision by which it came there."""

    pointer_kind = serializers.ChoiceField(PointerKind.choices)
    pointer = serializers.CharField()
    version = serializers.IntegerField(source="version.number")
    label = serializers.CharField(source="version.label")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null while it lasts.")
    actor_name = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    clearance = serializers.IntegerField(
        source="evidence.clearance", default=None, allow_null=True
    )
    request = serializers.IntegerField(source="evidence.request", default=None, allow_null=True)
    policy = serializers.CharField(source="evidence.policy", default=None, allow_null=True)
    blessing_digest = serializers.CharField(
        source="evidence.blessing", default=None, allow_null=True
    )


class HeldSerializer(HoldingSerializer):
    """What was held at one moment; when it ended is not the question there."""

    until = None


class MomentSerializer(serializers.Serializer):
    model = serializers.CharField(source="model.name")
    at = serializers.DateTimeField()
    existed = serializers.BooleanField(help_text="Whether the model was registered then.")
    pointers = HeldSerializer(source="holdings", many=True)


class PointerLineSerializer(serializers.Serializer):
    pointer_kind = serializers.ChoiceField(PointerKind.choices)
    pointer = serializers.CharField()
    holdings = HoldingSerializer(many=True)


class TimelineSerializer(serializers.Serializer):
    model = serializers.CharField(source="model.name")
    is_whole = serializers.BooleanField(help_text="False when the oldest moves were left out.")
    pointers = PointerLineSerializer(source="lines", many=True)


class HistoryViewSet(Resource):
    model = AliasMove
    serializer_class = TimelineSerializer

    @extend_schema(
        parameters=[MomentQuestionSerializer], responses=MomentSerializer, filters=False
    )
    def as_of(self, request: Request, name: str) -> Response:
        """Tells what every alias and stage pointed to at a moment, since when and by which decision."""
        model = queries.model_named(name, user=self.caller)
        asked = MomentQuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        moment = asked.validated_data.get("at") or timezone.now()
        return Response(MomentSerializer(history.as_of(model, moment)).data)

    @extend_schema(responses=TimelineSerializer, filters=False)
    def timeline(self, request: Request, name: str) -> Response:
        """Tells from when to when every alias and stage pointed to which version."""
        model = queries.model_named(name, user=self.caller)
        return Response(TimelineSerializer(history.timeline(model)).data)
