"""What is asked for, on which frozen evidence, and the evidence of the rounds before."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.approvals import kinds
from governance.approvals.kinds import OF_VERSIONS, Kind
from governance.approvals.models.signatures import Step, Vote
from governance.approvals.transitions import UNDECIDED, State
from governance.blessing.models import Blessing
from governance.policies.models import PolicyVersion
from governance.usecases.models import UseCase
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion, PointerKind, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: "User") -> "RequestQuerySet":
        """Requests for models and use cases the person may see, also for models deleted since."""
        models_seen = RegisteredModel.objects.permitted_to(user, "view_registeredmodel")
        cases_seen = UseCase.objects.visible_to(user)
        return self.filter(
            models.Q(version__model__in=models_seen.values("pk"))
            | models.Q(version=None, use_case__in=cases_seen.values("pk"))
        )

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
                "version__model",
                "version__created_by",
                "use_case",
                "requester",
                "blessing__evaluation",
            )
            .defer("evidence", "blessing__frozen", "blessing__comparison")
            .prefetch_related(
                "steps", models.Prefetch("steps__votes", Vote.objects.select_related("user"))
            )
        )


# What was asked; PostgreSQL refuses to change it.
ASKED = (
    "kind",
    "use_case",
    "proposal",
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
    """Asks people for a decision, on evidence frozen for each round.

    Most ask that one version may serve under one pointer; what else there is stands in kinds.py. Those
    about a use case itself have no version, no pointer, no policy and no verdict, but a `proposal`.
    A round begins when the request is opened, and whenever it is handed in again with other evidence.
    """

    State = State
    Kind = Kind

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PROMOTION)
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="approval_requests"
    )
    pointer_kind = models.CharField(max_length=5, choices=PointerKind, blank=True)
    pointer = models.CharField(max_length=255, blank=True)
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="approval_requests"
    )
    blessing = models.ForeignKey(
        Blessing, null=True, on_delete=models.PROTECT, related_name="approval_requests"
    )
    # Empty in requests that were opened before a use case itself could be asked about.
    use_case = models.ForeignKey(
        UseCase, null=True, on_delete=models.PROTECT, related_name="approval_requests"
    )
    # What is asked about a use case: {"before": 1, "after": 2} or {"base_model": "…", …}.
    proposal = models.JSONField(default=dict, blank=True)
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
                fields=["kind", "version", "policy_version", "pointer_kind", "pointer"],
                condition=models.Q(state__in=UNDECIDED),
                name="one_undecided_request",
            ),
            models.UniqueConstraint(
                fields=["kind", "use_case", "proposal"],
                condition=models.Q(state__in=UNDECIDED, version=None),
                name="one_undecided_proposal",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="request_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=OF_VERSIONS, version__isnull=False)
                | models.Q(use_case__isnull=False, version=None),
                name="request_has_its_subject",
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
        return kinds.title(self)

    def get_absolute_url(self) -> str:
        return f"/approvals/{self.pk}/"

    @property
    def wish(self) -> str:
        """What is asked for, as after “Ada asks that”."""
        return kinds.wish(self)

    @property
    def outcome(self) -> str:
        """What holds once it is approved."""
        return kinds.approved(self)

    @property
    def subject(self) -> ModelVersion | UseCase:
        """What it is about, to link to."""
        return self.version or self.use_case

    @property
    def is_of_version(self) -> bool:
        return self.kind in OF_VERSIONS

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= timezone.now()

    def is_seen_by(self, user: "User") -> bool:
        return Request.objects.visible_to(user).filter(pk=self.pk).exists()

    @property
    def open_steps(self) -> list[Step]:
        """The steps to be signed now: all of the first stage that still lacks signatures."""
        lacking = [step for step in self.steps.all() if not step.is_complete]
        if not (self.is_open and lacking):
            return []
        stage = min(step.stage for step in lacking)
        return [step for step in lacking if step.stage == stage]

    @property
    def current_step(self) -> Step | None:
        """The first of the open steps; None when all are signed or the request is closed."""
        return next(iter(self.open_steps), None)


class FormerAccount(models.Model):
    """The evidence of a round that ended, and how it was handed in again: what changed, and why."""

    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, related_name="former_accounts"
    )
    round = models.PositiveSmallIntegerField()
    blessing = models.ForeignKey(
        Blessing, null=True, on_delete=models.PROTECT, related_name="+"
    )
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
