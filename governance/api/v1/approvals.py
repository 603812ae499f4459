"""Approval requests: asking for a signature, signing, advising, withdrawing."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from governance.api.resources import Resource, Text, username
from governance.api.v1.signing import ConfirmedSerializer
from governance.approvals import findings, queries, rework, services, talk
from governance.approvals.filters import RequestFilter
from governance.approvals.models import (
    Comment,
    Consultation,
    Escalation,
    Finding,
    FormerAccount,
    Reminder,
    Request,
    Step,
    Vote,
)
from governance.errors import Invalid, NotFound
from governance.proposals import services as proposals
from governance.release import asking
from governance.usecases.addresses import slug_of
from governance.usecases.models import UseCase
from registry.queries import version_numbered


class VoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Vote
        fields = [
            "user_name", "decision", "meaning", "reason", "capacity", "answers_need",
            "confirmed_with", "evidence_digest", "round", "signed_at",
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


class FindingSerializer(serializers.ModelSerializer):
    owner = username("owner")
    set_by = serializers.CharField(source="vote.user.username", read_only=True)
    state = serializers.ChoiceField(
        choices=["todo", "overdue", "reported", "done"], read_only=True
    )

    class Meta:
        model = Finding
        fields = [
            "id", "request", "text", "owner", "set_by", "due_on", "state", "report",
            "reported_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class FormerAccountSerializer(serializers.ModelSerializer):
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="What the next round changed."
    )

    class Meta:
        model = FormerAccount
        fields = [
            "round", "evidence_digest", "evidence_sentence", "changes", "answer", "replaced_at",
            "replaced_by_name",
        ]  # fmt: skip
        read_only_fields = fields


class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ["id", "about", "reply_to", "author_name", "text", "written_at"]
        read_only_fields = fields


class ConsultationSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="user.display_name", read_only=True)
    is_late = serializers.BooleanField(
        read_only=True, help_text="Whether the advice came after its due date."
    )

    class Meta:
        model = Consultation
        fields = [
            "name", "duty", "due_at", "advice", "answered_at", "silent_at", "is_late",
        ]  # fmt: skip
        read_only_fields = fields


class EscalationSerializer(serializers.ModelSerializer):
    step = serializers.CharField(source="step.name", read_only=True)
    name = serializers.CharField(source="user_name", read_only=True)

    class Meta:
        model = Escalation
        fields = ["step", "round", "level", "name", "capacity", "kept_apart", "escalated_at"]
        read_only_fields = fields


class ReminderSerializer(serializers.ModelSerializer):
    step = serializers.CharField(
        source="step.name", read_only=True, default=None, help_text="None for other reminders."
    )

    class Meta:
        model = Reminder
        fields = ["step", "round", "mark", "told", "sent_at"]
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


def of_version(source: str, field: type[serializers.Field]) -> serializers.Field:
    """What only a request about a version has."""
    return field(source=source, default=None, allow_null=True, read_only=True)


class RequestSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="__str__", read_only=True)
    model = of_version("version.model.name", serializers.CharField)
    version = of_version("version.number", serializers.IntegerField)
    policy = of_version("policy_version.policy.name", serializers.CharField)
    policy_version = of_version("policy_version.number", serializers.IntegerField)
    blessing = of_version("blessing_id", serializers.IntegerField)
    use_case = serializers.SerializerMethodField(help_text="Its slug.")
    proposal = serializers.DictField(read_only=True)
    current_step = serializers.CharField(
        source="current_step.name", default=None, allow_null=True, read_only=True
    )
    open_steps = serializers.SerializerMethodField(help_text="Names of those to be signed now.")
    route = RouteSerializer(read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Request
        fields = [
            "id", "kind", "title", "use_case", "proposal", "model", "version", "pointer_kind", "pointer", "state", "use_case_title", "tier",
            "policy", "policy_version", "blessing", "statement", "evidence_sentence",
            "evidence_digest", "requester_name", "opened_at", "round", "round_began_at",
            "due_at", "decided_at",
            "closing_reason", "current_step", "open_steps", "route", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_use_case(self, request: Request) -> str:
        return slug_of(request.scope)

    def get_open_steps(self, request: Request) -> list[str]:
        return [step.name for step in request.open_steps]


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
    findings = FindingSerializer(many=True, read_only=True)
    escalations = EscalationSerializer(many=True, read_only=True)
    reminders = ReminderSerializer(many=True, read_only=True)
    former_accounts = FormerAccountSerializer(many=True, read_only=True)
    progress = serializers.SerializerMethodField(
        help_text="Who signs each step, or has signed."
    )

    class Meta(RequestSerializer.Meta):
        fields = [
            *RequestSerializer.Meta.fields, "progress", "consultations", "findings",
            "escalations", "reminders", "former_accounts", "evidence",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer(many=True))
    def get_progress(self, request: Request) -> list[dict]:
        return ProgressSerializer(queries.progress(request), many=True).data


class NewRequestSerializer(serializers.Serializer):
    """`model`, `version` and `alias` for what is about a version; `use_case` and more for the rest."""

    kind = serializers.ChoiceField(Request.Kind.choices, default=Request.Kind.PROMOTION)
    model = serializers.CharField(required=False, trim_whitespace=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    alias = serializers.CharField(default="champion")
    use_case = serializers.SlugField(
        required=False, help_text="For a lower tier or a base model."
    )
    tier = serializers.IntegerField(
        required=False, min_value=1, max_value=3, help_text="The lower tier that is asked for."
    )
    base_model = serializers.CharField(
        required=False, max_length=500, help_text="As versions name it."
    )
    licence = Text(help_text="Of the base model: what may be done with it.")
    origin = Text(help_text="Of the base model: who made it, from which data.")
    statement = Text(help_text="Why this should be, in words for those who sign.")

    def validate(self, attrs: dict) -> dict:
        missing = [name for name in NEEDED[attrs["kind"]] if attrs.get(name) is None]
        if missing:
            kind = Request.Kind(attrs["kind"]).label.lower()
            raise serializers.ValidationError(
                {name: f"Asking for a {kind} takes this field." for name in missing}
            )
        return attrs


OF_A_VERSION = ("model", "version")
NEEDED = {
    Request.Kind.PROMOTION: OF_A_VERSION,
    Request.Kind.REVALIDATION: OF_A_VERSION,
    Request.Kind.RETIREMENT: OF_A_VERSION,
    Request.Kind.LOWER_TIER: ("use_case", "tier"),
    Request.Kind.BASE_MODEL: ("use_case", "base_model"),
}
ASKING = {
    Request.Kind.PROMOTION: asking.request_promotion,
    Request.Kind.REVALIDATION: asking.request_revalidation,
    Request.Kind.RETIREMENT: asking.request_retirement,
}


class ConditionSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=findings.LONGEST_TEXT)
    owner = serializers.CharField(help_text="User name of who sees to it.")
    due_on = serializers.DateField(help_text="The last day for it.")


class NewVoteSerializer(ConfirmedSerializer):
    step = serializers.CharField(help_text="Name of the step.")
    decision = serializers.ChoiceField(Vote.Decision.choices)
    reason = serializers.CharField()
    answers_need = serializers.BooleanField(required=False, allow_null=True)
    evidence_digest = serializers.CharField(
        required=False,
        max_length=71,
        help_text="Of the request as it was read; on other evidence nothing is signed (409).",
    )
    conditions = ConditionSerializer(
        many=True, required=False, help_text="Of an approval; overdue, one ends the clearance."
    )


class AdviceSerializer(serializers.Serializer):
    advice = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField()


class RoundSerializer(serializers.Serializer):
    answer = serializers.CharField(
        help_text="What was changed, or why nothing has to change, for those who sign."
    )


class NewCommentSerializer(serializers.Serializer):
    text = serializers.CharField(
        max_length=talk.LONGEST, help_text="@name mails who is named, if they see the request."
    )
    about = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="A key of the evidence; empty for the request as a whole.",
    )
    reply_to = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The question that is answered.",
    )


class DoneSerializer(serializers.Serializer):
    report = serializers.CharField(max_length=findings.LONGEST_TEXT)


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
            .prefetch_related(
                Prefetch("consultations", advice),
                Prefetch("findings", Finding.objects.select_related("owner", "vote__user")),
                Prefetch("former_accounts", FormerAccount.objects.defer("evidence")),
                Prefetch("escalations", Escalation.objects.select_related("step")),
                Prefetch("reminders", Reminder.objects.select_related("step")),
            )
        )

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return RequestSerializer if self.action == "list" else OpenedSerializer

    @extend_schema(request=NewRequestSerializer, responses={201: OpenedSerializer})
    def create(self, request: HttpRequest) -> Response:
        """Asks people for a decision: to let a version serve, go on or retire, or on a use case."""
        return self.created(self._opened(self.validated(NewRequestSerializer)))

    def _opened(self, fields: dict) -> Request:
        kind, statement = Request.Kind(fields["kind"]), fields.get("statement", "")
        if kind in ASKING:
            version = version_numbered(fields["model"], fields["version"], user=self.caller)
            return ASKING[kind](
                version, actor=self.caller, alias=fields["alias"], statement=statement
            )
        seen = UseCase.objects.visible_to(self.caller)
        use_case = get_object_or_404(seen, slug=fields["use_case"])
        if kind == Request.Kind.LOWER_TIER:
            return proposals.ask_lower_tier(
                use_case, fields["tier"], actor=self.caller, statement=statement
            )
        return proposals.ask_base_model(
            use_case,
            fields["base_model"],
            actor=self.caller,
            licence=fields.get("licence", ""),
            origin=fields.get("origin", ""),
            statement=statement,
        )

    @extend_schema(request=NewVoteSerializer, responses={201: OpenedSerializer})
    def vote(self, request: HttpRequest, pk: int) -> Response:
        """Signs a step with what its policy asks for; a rejection closes the request."""
        asked, fields = self.get_object(), self.validated(NewVoteSerializer)
        step = _step_named(asked, fields.pop("step"))
        conditions = [findings.Condition(**one) for one in fields.pop("conditions", [])]
        services.vote(step, actor=self.caller, conditions=conditions, **fields)
        return self.created(self.get_object())

    @extend_schema(request=RoundSerializer, responses={201: OpenedSerializer})
    def hand_in(self, request: HttpRequest, pk: int) -> Response:
        """Freezes the evidence anew after changes; what was signed on changed evidence is asked again."""
        asked, fields = self.get_object(), self.validated(RoundSerializer)
        rework.hand_in_again(asked, actor=self.caller, **fields)
        return self.created(self.get_object())

    @extend_schema(responses=CommentSerializer(many=True))
    def comments(self, request: HttpRequest, pk: int) -> Response:
        """Lists questions and answers, at most 500, the oldest first."""
        found = self.get_object().comments.all()
        return Response(CommentSerializer(found, many=True).data)

    @extend_schema(request=NewCommentSerializer, responses={201: CommentSerializer})
    def comment(self, request: HttpRequest, pk: int) -> Response:
        """Asks about the request or a piece of its evidence, or answers."""
        asked, fields = self.get_object(), self.validated(NewCommentSerializer)
        number = fields.pop("reply_to", None)
        top = get_object_or_404(asked.comments, pk=number) if number else None
        made = talk.comment(asked, actor=self.caller, reply_to=top, **fields)
        return Response(CommentSerializer(made).data, status=status.HTTP_201_CREATED)

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


class FindingViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Conditions of approvals."""

    model = Finding
    serializer_class = FindingSerializer
    scope = "approve"

    def visible(self) -> QuerySet[Finding]:
        return Finding.objects.visible_to(self.caller).select_related("owner", "vote__user")

    @extend_schema(request=DoneSerializer, responses={201: FindingSerializer})
    def report(self, request: HttpRequest, pk: int) -> Response:
        """Its owner says what was done."""
        found, fields = self.get_object(), self.validated(DoneSerializer)
        findings.report(found, actor=self.caller, **fields)
        return self.created(self.get_object())

    @extend_schema(request=None, responses={201: FindingSerializer})
    def close(self, request: HttpRequest, pk: int) -> Response:
        """Who set it accepts what was done."""
        findings.close(self.get_object(), actor=self.caller)
        return self.created(self.get_object())

    @extend_schema(request=ReasonSerializer, responses={201: FindingSerializer})
    def reopen(self, request: HttpRequest, pk: int) -> Response:
        """Who set it says that it is not done."""
        found, fields = self.get_object(), self.validated(ReasonSerializer)
        findings.reopen(found, actor=self.caller, **fields)
        return self.created(self.get_object())


def _step_named(asked: Request, name: str) -> Step:
    for step in asked.steps.all():
        if step.name == name:
            return step
    names = ", ".join(step.name for step in asked.steps.all())
    raise Invalid(f"This request has no step {name}; it has {names}.", field="step")
