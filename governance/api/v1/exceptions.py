"""Exceptions to red rules: asking, granting and refusing with the password, taking back."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.api.v1.approvals import ReasonSerializer
from governance.api.v1.signing import ConfirmedSerializer
from governance.blessing.exempting import ask_exception
from governance.blessing.models import Blessing
from governance.errors import NotFound
from governance.exceptions import seats, services
from governance.exceptions.filters import ExceptionFilter
from governance.exceptions.models import RuleException, Signature


class SignatureSerializer(serializers.ModelSerializer):
    class Meta:
        model = Signature
        fields = [
            "user_name", "decision", "meaning", "reason", "capacity", "digest", "confirmed_with",
            "signed_at",
        ]  # fmt: skip
        read_only_fields = fields


class ExceptionSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    asked_by = username("asked_by")
    in_force = serializers.BooleanField(
        source="is_in_force", read_only=True, help_text="Granted, and its last day not passed."
    )

    class Meta:
        model = RuleException
        fields = [
            "id", "model", "version", "state", "in_force", "use_case_title", "tier", "policy_name",
            "policy_label", "rule_name", "rule_text", "outcome", "sentence", "evidence_digest",
            "reason", "compensation", "until", "asked_by", "asked_by_name", "asked_at", "granted_at",
            "ended_at", "ended_by_name", "closing_reason",
        ]  # fmt: skip
        read_only_fields = fields


class SeatSerializer(serializers.Serializer):
    wanted = serializers.CharField()
    able = serializers.ListField(
        child=serializers.CharField(), help_text="Who may give this signature now."
    )
    signed_by = serializers.CharField()


class WholeExceptionSerializer(ExceptionSerializer):
    digest = serializers.CharField(read_only=True, help_text="Names what people sign.")
    signatures = SignatureSerializer(many=True, read_only=True)
    progress = serializers.SerializerMethodField(help_text="Whose signatures a grant needs.")

    class Meta(ExceptionSerializer.Meta):
        fields = [*ExceptionSerializer.Meta.fields, "digest", "signatures", "progress"]
        read_only_fields = fields

    @extend_schema_field(SeatSerializer(many=True))
    def get_progress(self, exception: RuleException) -> list[dict]:
        return SeatSerializer(seats.progress(exception), many=True).data


class NewExceptionSerializer(serializers.Serializer):
    blessing = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="The newest verdict of the version."
    )
    position = serializers.IntegerField(
        min_value=0, max_value=32767, help_text="Position of the red rule in that verdict."
    )
    reason = serializers.CharField(help_text="Why the version must go on all the same.")
    compensation = serializers.CharField(help_text="What keeps the risk small meanwhile.")
    until = serializers.DateField(help_text="Its last day; the tier and the policy limit it.")


class NewSignatureSerializer(ConfirmedSerializer):
    reason = serializers.CharField()


class ExceptionViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = RuleException
    serializer_class = ExceptionSerializer
    filterset_class = ExceptionFilter
    scope = "approve"

    def visible(self) -> QuerySet[RuleException]:
        seen = RuleException.objects.visible_to(self.caller)
        if self.action == "list":
            return seen.select_related("version__model", "asked_by")
        return seen.with_signatures().select_related("version__model__governed__use_case")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ExceptionSerializer if self.action == "list" else WholeExceptionSerializer

    @extend_schema(request=NewExceptionSerializer, responses={201: WholeExceptionSerializer})
    def create(self, request: HttpRequest) -> Response:
        """Asks that a version may go on until a day although one compulsory rule is red."""
        fields = self.validated(NewExceptionSerializer)
        seen = Blessing.objects.visible_to(self.caller)
        blessing = seen.filter(pk=fields.pop("blessing")).first()
        if blessing is None:
            raise NotFound("There is no such verdict.", code="blessing_not_found")
        return self.created(ask_exception(blessing, actor=self.caller, **fields))

    @extend_schema(request=NewSignatureSerializer, responses={201: WholeExceptionSerializer})
    def grant(self, request: HttpRequest, pk: int) -> Response:
        """Signs with the password; the last signature that the tier needs grants it."""
        return self._sign(Signature.Decision.GRANT)

    @extend_schema(request=NewSignatureSerializer, responses={201: WholeExceptionSerializer})
    def refuse(self, request: HttpRequest, pk: int) -> Response:
        """Refuses it with the password; one refusal is enough."""
        return self._sign(Signature.Decision.REFUSE)

    @extend_schema(request=ReasonSerializer, responses={201: WholeExceptionSerializer})
    def withdraw(self, request: HttpRequest, pk: int) -> Response:
        """Takes the question back before it is decided."""
        asked, fields = self.get_object(), self.validated(ReasonSerializer)
        return self.created(services.withdraw(asked, actor=self.caller, **fields))

    @extend_schema(request=ReasonSerializer, responses={201: WholeExceptionSerializer})
    def revoke(self, request: HttpRequest, pk: int) -> Response:
        """Ends a granted exception at once; clearances that rest on it lapse."""
        granted, fields = self.get_object(), self.validated(ReasonSerializer)
        return self.created(services.revoke(granted, actor=self.caller, **fields))

    def _sign(self, decision: str) -> Response:
        asked, fields = self.get_object(), self.validated(NewSignatureSerializer)
        services.sign(asked, actor=self.caller, decision=decision, **fields)
        return self.created(asked)
