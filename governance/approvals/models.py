"""The people's part: requests, their steps copied at opening, advice, and signed votes.

Metrics stay unknown here: a request carries frozen evidence, its digest and one sentence.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.approvals.transitions import UNDECIDED, State
from governance.blessing.models import Blessing
from governance.policies.models import PolicyVersion
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion, PointerKind, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: "User") -> "RequestQuerySet":
        """Requests for models the person may see, also for models that were deleted since."""
        seen = RegisteredModel.objects.permitted_to(user, "view_registeredmodel")
        return self.filter(version__model__in=seen.values("pk"))

    def open(self) -> "RequestQuerySet":
        """Those that can be signed now."""
        return self.filter(state=State.OPEN)

    def undecided(self) -> "RequestQuerySet":
        """The open ones, and those that go back to their signers after changes."""
        return self.filter(state__in=UNDECIDED)

    def overdue(self) -> "RequestQuerySet":
        return self.open().filter(due_at__lte=timezone.now())

    def with_steps(self) -> "RequestQuerySet":
        """Everything a list or a rule needs of each request, in three queries; large texts stay."""
        return (
            self.select_related(
                "version__model", "version__created_by", "requester", "blessing__evaluation"
            )
            .defer("evidence", "blessing__frozen", "blessing__comparison")
            .prefetch_related(
                "steps", models.Prefetch("steps__votes", Vote.objects.select_related("user"))
            )
        )


# What was asked; PostgreSQL refuses to change it.
ASKED = (
    "version",
    "pointer_kind",
    "pointer",
    "policy_version",
    "scope",
    "use_case_title",
    "tier",
    "statement",
    "requester",
    "requester_name",
    "requester_capacity",
    "asked_for",
    "requester_may_vote",
    "contributors_may_vote",
    "opened_at",
)
# On what it is decided: changes with the round only, and the former account is kept.
ACCOUNT = ("blessing", "evidence", "evidence_digest", "evidence_sentence", "route", "due_at")
_ACCOUNT_CHANGES = reduce(
    or_, [pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in ACCOUNT]
)


class Request(models.Model):
    """Asks people to let one version serve under one pointer, on evidence frozen for each round.

    A round begins when the request is opened, and whenever it is handed in again with other evidence.
    """

    State = State

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="approval_requests"
    )
    pointer_kind = models.CharField(max_length=5, choices=PointerKind)
    pointer = models.CharField(max_length=255)
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="approval_requests"
    )
    blessing = models.ForeignKey(
        Blessing, on_delete=models.PROTECT, related_name="approval_requests"
    )
    scope = models.CharField(max_length=200)
    use_case_title = models.CharField(max_length=120)
    tier = models.PositiveSmallIntegerField()
    statement = models.TextField(max_length=5000, blank=True)
    evidence = models.JSONField()
    evidence_digest = models.CharField(max_length=71)
    evidence_sentence = models.TextField()
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requester_name = models.CharField(max_length=200)
    # By which duty they asked, and in whose place: [{"user": 7, "name": "Bea"}].
    requester_capacity = models.CharField(max_length=300, blank=True)
    asked_for = models.JSONField(default=list, blank=True)
    requester_may_vote = models.BooleanField(default=False)
    contributors_may_vote = models.BooleanField(default=False)
    # {"change": a sentence on its size, "left_out": [{"step": name, "because": a sentence}]}
    route = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True)

    round = models.PositiveSmallIntegerField(default=1)
    round_began_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    closing_reason = models.TextField(blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "policy_version", "pointer_kind", "pointer"],
                condition=models.Q(state__in=UNDECIDED),
                name="one_undecided_request",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="request_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["version", "-id"], name="request_of_version"),
            models.Index(fields=["scope", "state"], name="request_scope"),
        ]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_decision",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state__in=[str(one) for one in UNDECIDED]),
            ),
            pgtrigger.Protect(
                name="keep_account",
                operation=pgtrigger.Update,
                condition=_ACCOUNT_CHANGES
                & pgtrigger.Q(new__round__lte=pgtrigger.F("old__round")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version.label} for {self.pointer}"

    def get_absolute_url(self) -> str:
        return f"/approvals/{self.pk}/"

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= timezone.now()

    @property
    def open_steps(self) -> "list[Step]":
        """The steps to be signed now: all of the first stage that still lacks signatures."""
        lacking = [step for step in self.steps.all() if not step.is_complete]
        if not (self.is_open and lacking):
            return []
        stage = min(step.stage for step in lacking)
        return [step for step in lacking if step.stage == stage]

    @property
    def current_step(self) -> "Step | None":
        """The first of the open steps; None when all are signed or the request is closed."""
        return next(iter(self.open_steps), None)


class Step(models.Model):
    """One signature, or several, that the policy asks for; copied at opening and never changed."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    # Steps of one stage are open together; the next stage waits for all of them.
    stage = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    activity = models.CharField(max_length=100)
    activity_title = models.CharField(max_length=200)
    duty = models.CharField(max_length=1)
    quorum = models.PositiveSmallIntegerField(default=1)
    veto = models.BooleanField(default=True)
    meaning = models.CharField(max_length=100)
    due_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["request", "position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="step_position_once"),
            models.CheckConstraint(
                condition=models.Q(quorum__gte=1), name="step_quorum_positive"
            ),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.name} of {self.request}"

    @property
    def due(self) -> datetime | None:
        """By when it is to be signed; each round has the whole time again."""
        return self.due_at and self.due_at + (
            self.request.round_began_at - self.request.opened_at
        )

    @property
    def approvals(self) -> list["Vote"]:
        """Those that count: given on the evidence as it is now."""
        return [
            vote
            for vote in self.votes.all()
            if vote.is_approval and vote.evidence_digest == self.request.evidence_digest
        ]

    @property
    def stale_approvals(self) -> list["Vote"]:
        """Given on evidence that has changed since, by people who have not signed again."""
        again = {vote.user_id for vote in self.approvals}
        return [
            vote
            for vote in self.votes.all()
            if vote.is_approval
            and vote.evidence_digest != self.request.evidence_digest
            and vote.user_id not in again
        ]

    @property
    def rejections(self) -> list["Vote"]:
        return [
            vote
            for vote in self.votes.all()
            if vote.decision == Vote.Decision.REJECT and vote.round == self.request.round
        ]

    def has_decided(self, user: "User") -> bool:
        """Whether the person has signed here for this round, or keeps out of it."""
        return any(vote.user_id == user.pk and vote.holds for vote in self.votes.all())

    @property
    def is_complete(self) -> bool:
        return len(self.approvals) >= self.quorum


class Vote(models.Model):
    """A signature: who, when, what it means, why, in which capacity, on which evidence."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"
        CHANGES = "changes", "Ask for changes"
        REJECT = "reject", "Reject"
        ABSTAIN = "abstain", "Abstain, for a conflict of interest"

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="votes")
    round = models.PositiveSmallIntegerField(default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    user_name = models.CharField(max_length=200)
    decision = models.CharField(max_length=7, choices=Decision)
    meaning = models.CharField(max_length=100)
    reason = models.TextField(max_length=5000)
    capacity = models.CharField(max_length=300)
    letter = models.CharField(max_length=1, blank=True)
    role = models.CharField(max_length=100, blank=True)
    stands_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answers_need = models.BooleanField(null=True)
    evidence_digest = models.CharField(max_length=71)
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "user", "round"], name="one_vote_a_person_step_and_round"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["approve", "changes", "reject", "abstain"]),
                name="vote_decision_known",
            ),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.user_name}: {self.meaning} {self.step.request}"

    @property
    def holds(self) -> bool:
        """Whether it still stands: of this round, on evidence that stayed, or to keep out."""
        request = self.step.request
        return (
            self.round == request.round
            or self.decision == self.Decision.ABSTAIN
            or (self.is_approval and self.evidence_digest == request.evidence_digest)
        )

    @property
    def is_approval(self) -> bool:
        return self.decision == self.Decision.APPROVE


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, user: "User") -> "ConsultationQuerySet":
        return self.filter(request__in=Request.objects.visible_to(user).values("pk"))

    def unanswered(self) -> "ConsultationQuerySet":
        return self.filter(answered_at=None, request__state=State.OPEN)


class Consultation(models.Model):
    """Somebody asked for advice, which informs and does not bind; given once."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="consultations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    duty = models.CharField(max_length=300)
    letter = models.CharField(max_length=1, default="C")
    role = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(null=True)
    advice = models.TextField(max_length=5000, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="asked_for_advice_once")
        ]
        triggers = [
            *frozen_triggers("request", "user", "duty", "letter", "role", "due_at"),
            pgtrigger.Protect(
                name="keep_advice",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Advice of {self.user} on {self.request}"


class FormerAccount(models.Model):
    """The evidence of a round that ended, and how it was handed in again: what changed, and why."""

    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, related_name="former_accounts"
    )
    round = models.PositiveSmallIntegerField()
    blessing = models.ForeignKey(Blessing, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField()
    evidence_digest = models.CharField(max_length=71)
    evidence_sentence = models.TextField()
    # Sentences on what the next round changed.
    changes = models.JSONField(default=list)
    answer = models.TextField(max_length=5000)
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["request", "round"]
        constraints = [
            models.UniqueConstraint(fields=["request", "round"], name="one_account_a_round")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.request}, round {self.round}"


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: "User") -> "FindingQuerySet":
        return self.filter(request__in=Request.objects.visible_to(user).values("pk"))

    def unreported(self) -> "FindingQuerySet":
        return self.filter(reported_at=None, closed_at=None)

    def overdue(self) -> "FindingQuerySet":
        """Due before today, and its owner has not reported it done."""
        return self.unreported().filter(due_on__lt=timezone.localdate())


class Finding(models.Model):
    """A condition of an approval: what must be done, by whom, until when.

    Its owner reports it done; who set it closes it or opens it again.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="findings")
    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="findings")
    text = models.TextField(max_length=1000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="findings"
    )
    owner_name = models.CharField(max_length=200)
    due_on = models.DateField()
    report = models.TextField(max_length=5000, blank=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        triggers = [
            *frozen_triggers("request", "vote", "text", "owner", "owner_name", "due_on"),
            pgtrigger.Protect(
                name="keep_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def state(self) -> str:
        if self.closed_at:
            return "done"
        if self.reported_at:
            return "reported"
        return "overdue" if self.due_on < timezone.localdate() else "todo"


class Comment(models.Model):
    """A question or an answer beside the request, or beside one piece of its evidence."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="comments")
    about = models.CharField(max_length=40, blank=True)
    reply_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replies"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    text = models.TextField(max_length=5000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.author_name} on {self.request}"
