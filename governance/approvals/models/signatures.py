"""The steps of a request, copied at opening, and the votes that sign them."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from governance.accounts.methods import Method
from governance.policies.document import parse_span
from governance.working_days import house_calendar
from registry.append_only import append_only_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


class Step(models.Model):
    """One signature, or several, that the policy asks for; copied at opening and never changed."""

    request = models.ForeignKey(
        "approvals.Request", on_delete=models.PROTECT, related_name="steps"
    )
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
    # As the policy says it, for rounds after the first; empty in requests from before it was kept.
    due_in = models.CharField(max_length=40, blank=True)

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
        began = self.request.round_began_at
        if self.due_at is None or began == self.request.opened_at:
            return self.due_at
        if self.due_in:
            return house_calendar().after(began, parse_span(self.due_in))
        return self.due_at + (began - self.request.opened_at)

    @property
    def approvals(self) -> "list[Vote]":
        """Those that count: given on the evidence as it is now."""
        return [
            vote
            for vote in self.votes.all()
            if vote.is_approval and vote.evidence_digest == self.request.evidence_digest
        ]

    @property
    def stale_approvals(self) -> "list[Vote]":
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
    def rejections(self) -> "list[Vote]":
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
    confirmed_with = models.CharField(max_length=20, choices=Method, default=Method.PASSWORD)
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
