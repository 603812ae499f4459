"""Approval requests: asking for a signature, signing, advising, withdrawing."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from governance.api.resources import Resource, Text
from governance.approvals import queries, services
from governance.approvals.filters import RequestFilter
from governance.approvals.models import Consultation, Request, Step, Vote
from governance.errors import Invalid, NotFound
from governance.release.services import request_promotion
from registry.queries import version_numbered


class VoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Vote
        fields = [
            "user_name", "decision", "meaning", "reason", "capacity", "answers_need",
            "evidence_digest", "signed_at",
        ]  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    votes = VoteSerializer(many=True, read_only=True)

    class Meta:
        model = Step
        fields = [
            "position", "stage", "name", "activity", "activity_title", "duty", "quorum", "veto",
            "meaning", "due_at", "votes",
        ]  # fmt: skip
        read_only_fields = fields


class ConsultationSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="user.display_name", read_only=True)

    class Meta:
        model = Consultation
        fields = ["name", "duty", "due_at", "advice", "answered_at"]
        read_only_fields = fields


class LeftOutSerializer(serializers.Serializer):
    step = serializers.CharField()
    because = serializers.CharField()


class RouteSerializer(serializers.Serializer):
    """Why the request takes these steps of its policy and not others."""

    change = serializers.CharField(
        default="",
        help_text="Minor or major, and why; empty where the policy makes none of it.",
    )
    left_out = LeftOutSerializer(many=True, default=[])


class RequestSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    policy = serializers.CharField(source="policy_version.policy.name", read_only=True)
    policy_version = serializers.IntegerField(source="policy_version.number", read_only=True)
    blessing = serializers.IntegerField(source="blessing_id", read_only=True)
    current_step = serializers.CharField(
        source="current_step.name", default=None, allow_null=True, read_only=True
    )
    open_steps = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    route = RouteSerializer(read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Request
        fields = [
            "id", "model", "version", "pointer_kind", "pointer", "state", "use_case_title", "tier",
            "policy", "policy_version", "blessing", "statement", "evidence_sentence",
            "evidence_digest", "requester_name", "opened_at", "due_at", "decided_at",
            "closing_reason", "current_step", "open_steps", "route", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class ProgressSerializer(serializers.Serializer):
    step = serializers.CharField(source="step.name")
    state = serializers.CharField()
    sentence = serializers.CharField()
    voters = serializers.SerializerMethodField(help_text="User names of who may sign it now.")

    def get_voters(self, progress: queries.StepProgress) -> list[str]:
        return [user.username for user in progress.voters]


class OpenedSerializer(RequestSerializer):
    evidence = serializers.DictField(read_only=True)
    consultations = ConsultationSerializer(many=True, read_only=True)
    progress = serializers.SerializerMethodField(
        help_text="Who signs each step, or has signed."
    )

    class Meta(RequestSerializer.Meta):
        fields = [*RequestSerializer.Meta.fields, "progress", "consultations", "evidence"]
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer(many=True))
    def get_progress(self, request: Request) -> list[dict]:
        return ProgressSerializer(queries.progress(request), many=True).data


class NewRequestSerializer(serializers.Serializer):
    model = serializers.CharField(trim_whitespace=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    alias = serializers.CharField(default="champion")
    statement = Text(help_text="Why this version should serve, in words for those who sign.")


class NewVoteSerializer(serializers.Serializer):
    step = serializers.CharField(help_text="Name of the step.")
    decision = serializers.ChoiceField(Vote.Decision.choices)
    reason = serializers.CharField()
    password = serializers.CharField(
        trim_whitespace=False,
        write_only=True,
        help_text="Once more, since a signature is a person's and not a token's.",
    )
    answers_need = serializers.BooleanField(required=False, allow_null=True)


class AdviceSerializer(serializers.Serializer):
    advice = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField()


class RequestViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Request
    serializer_class = RequestSerializer
    filterset_class = RequestFilter
    scope = "approve"

    def visible(self) -> QuerySet[Request]:
        advice = Consultation.objects.select_related("user")
        return (
            Request.objects.visible_to(self.caller)
            .with_steps()
            .select_related("policy_version__policy")
            .prefetch_related(Prefetch("consultations", advice))
        )

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return RequestSerializer if self.action == "list" else OpenedSerializer

    @extend_schema(request=NewRequestSerializer, responses={201: OpenedSerializer})
    def create(self, request: HttpRequest) -> Response:
        """Asks the people whom the policy names to let a blessed version serve under an alias."""
        fields = self.validated(NewRequestSerializer)
        version = version_numbered(fields.pop("model"), fields.pop("version"), user=self.caller)
        return self.created(request_promotion(version, actor=self.caller, **fields))

    @extend_schema(request=NewVoteSerializer, responses={201: OpenedSerializer})
    def vote(self, request: HttpRequest, pk: int) -> Response:
        """Signs a step with the password; a rejection closes the request."""
        asked, fields = self.get_object(), self.validated(NewVoteSerializer)
        step = _step_named(asked, fields.pop("step"))
        services.vote(step, actor=self.caller, **fields)
        return self.created(asked)

    @extend_schema(request=AdviceSerializer, responses={201: OpenedSerializer})
    def advise(self, request: HttpRequest, pk: int) -> Response:
        """Gives the advice the caller was asked for; it binds nobody."""
        asked, fields = self.get_object(), self.validated(AdviceSerializer)
        consultation = asked.consultations.filter(user=self.caller).first()
        if consultation is None:
            raise NotFound("You are not asked for advice on this request.")
        services.advise(consultation, actor=self.caller, **fields)
        return self.created(asked)

    @extend_schema(request=ReasonSerializer, responses={201: OpenedSerializer})
    def withdraw(self, request: HttpRequest, pk: int) -> Response:
        """Takes the request back."""
        asked, fields = self.get_object(), self.validated(ReasonSerializer)
        return self.created(services.withdraw(asked, actor=self.caller, **fields))


def _step_named(asked: Request, name: str) -> Step:
    for step in asked.steps.all():
        if step.name == name:
            return step
    names = ", ".join(step.name for step in asked.steps.all())
    raise Invalid(f"This request has no step {name}; it has {names}.", field="step")
