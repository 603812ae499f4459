"""What a deployment asks before it serves a version, and the clearances behind the answer."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from governance.release import services
from governance.release.filters import ClearanceFilter
from governance.release.models import Clearance
from governance.release.queries import gate_answer, gate_report
from registry.models import PointerKind, Stage
from registry.queries import version_numbered


class ClearanceSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    request = serializers.IntegerField(source="request_id", read_only=True)
    blessing = serializers.IntegerField(source="blessing_id", read_only=True)

    class Meta:
        model = Clearance
        fields = [
            "id", "model", "version", "pointer_kind", "pointer", "state", "reason", "digest",
            "request", "blessing", "valid_from", "valid_until", "ended_at", "ended_by_name",
        ]  # fmt: skip
        read_only_fields = fields


class QuestionSerializer(serializers.Serializer):
    alias = serializers.CharField(default="champion")
    stage = serializers.ChoiceField(
        Stage.choices, required=False, help_text="Asks about a stage instead of an alias."
    )
    checklist = serializers.BooleanField(
        default=False, help_text="Also shows the whole way there, which takes longer."
    )


class CheckSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(["done", "failed", "waiting", "todo"])
    sentence = serializers.CharField()
    who = serializers.ListField(child=serializers.CharField())
    link = serializers.CharField()


class AnswerSerializer(serializers.Serializer):
    allowed = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    request = serializers.IntegerField(
        allow_null=True, help_text="Id of the approval request the answer rests on."
    )
    clearance = ClearanceSerializer(allow_null=True)
    checklist = CheckSerializer(many=True, required=False)


class NewRevocationSerializer(serializers.Serializer):
    reason = serializers.CharField()


class GateViewSet(Resource):
    model = Clearance
    serializer_class = AnswerSerializer

    @extend_schema(parameters=[QuestionSerializer], responses=AnswerSerializer, filters=False)
    def retrieve(self, request: Request, name: str, number: int) -> Response:
        """Says whether the version may serve now, and every reason why not; moves nothing."""
        version = version_numbered(name, number, user=self.caller)
        asked = QuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        question = asked.validated_data
        kind = PointerKind.STAGE if "stage" in question else PointerKind.ALIAS
        pointer = question.get("stage", question["alias"])
        if not question["checklist"]:
            answer = gate_answer(version, alias=pointer, pointer_kind=kind)
            return Response(_answer(answer))
        report = gate_report(version, alias=pointer, pointer_kind=kind, user=self.caller)
        items = CheckSerializer(report.checklist, many=True).data
        return Response(_answer(report) | {"checklist": items})


class ClearanceViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Clearance
    serializer_class = ClearanceSerializer
    filterset_class = ClearanceFilter
    scope = "approve"

    def visible(self) -> QuerySet[Clearance]:
        return Clearance.objects.visible_to(self.caller).select_related("version__model")

    @extend_schema(request=NewRevocationSerializer, responses={201: ClearanceSerializer})
    def revoke(self, request: Request, pk: int) -> Response:
        """Ends the clearance at once; the alias stays where it is until somebody moves it."""
        clearance, fields = self.get_object(), self.validated(NewRevocationSerializer)
        return self.created(services.revoke(clearance, actor=self.caller, **fields))


def _answer(answer) -> dict:  # noqa: ANN001 - the short answer or the whole report
    clearance = answer.clearance
    return {
        "allowed": answer.allowed,
        "reasons": list(answer.reasons),
        "request": answer.request.pk if answer.request else None,
        "clearance": ClearanceSerializer(clearance).data if clearance else None,
    }
