"""Exceptions: a signed, time-limited permission to go on although a rule is red; the rule stays red.

What a rule measured is unknown here: an exception carries the rule's text, its outcome as a word and
one sentence, and the digest of the verdict they come from.
"""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.accounts.methods import Method
from governance.canonical import digest
from governance.exceptions.transitions import STANDING, State
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User

# What was asked for and on what; PostgreSQL refuses to change it.
ASKED = (
    "version",
    "scope",
    "use_case_title",
    "tier",
    "policy_name",
    "policy_label",
    "rule_name",
    "rule_text",
    "outcome",
    "sentence",
    "evidence_digest",
    "contributions",
    "reason",
    "compensation",
    "until",
    "asked_by",
    "asked_by_name",
    "asked_at",
)


class RuleExceptionQuerySet(models.QuerySet["RuleException"]):
    def visible_to(self, user: "User") -> "RuleExceptionQuerySet":
        """Exceptions of models the person may see, also of models that were deleted since."""
        seen = RegisteredModel.objects.permitted_to(user, "view_registeredmodel")
        return self.filter(version__model__in=seen.values("pk"))

    def asked(self) -> "RuleExceptionQuerySet":
        return self.filter(state=State.ASKED)

    def standing(self) -> "RuleExceptionQuerySet":
        return self.filter(state__in=STANDING)

    def in_force(self, on: date) -> "RuleExceptionQuerySet":
        """The granted ones whose last day has not passed; a late sweeper changes nothing in that."""
        return self.filter(state=State.GRANTED, until__gte=on)

    def overdue(self, on: date) -> "RuleExceptionQuerySet":
        """Those whose last day has passed and that nobody has marked yet."""
        return self.standing().filter(until__lt=on)

    def with_signatures(self) -> "RuleExceptionQuerySet":
        return self.select_related("version__model", "asked_by").prefetch_related(
            "signatures__user"
        )


class RuleException(models.Model):
    """A permission for one version to pass one rule of one policy until a day, once it is granted."""

    State = State

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="exceptions"
    )
    scope = models.CharField(max_length=200)
    use_case_title = models.CharField(max_length=120)
    tier = models.PositiveSmallIntegerField()
    policy_name = models.CharField(max_length=80)
    policy_label = models.CharField(max_length=100)
    rule_name = models.CharField(max_length=80)
    rule_text = models.CharField(max_length=500)
    outcome = models.CharField(max_length=11)
    sentence = models.TextField()
    evidence_digest = models.CharField(max_length=71)
    contributions = models.JSONField(default=list)
    reason = models.TextField(max_length=5000)
    compensation = models.TextField(max_length=5000)
    until = models.DateField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    granted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_by_name = models.CharField(max_length=200, blank=True)
    closing_reason = models.TextField(max_length=5000, blank=True)
    reminded_at = models.DateTimeField(null=True)

    objects = RuleExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "exception"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "policy_name", "rule_text"],
                condition=models.Q(state__in=["asked", "granted"]),
                name="one_standing_exception",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="exception_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["version", "-id"], name="exception_of_version"),
            models.Index(fields=["scope", "state"], name="exception_scope"),
            models.Index(
                fields=["until"],
                name="exception_ends",
                condition=models.Q(state__in=["asked", "granted"]),
            ),
        ]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_end",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state__in=["asked", "granted"]),
            ),
            pgtrigger.Protect(
                name="keep_grant",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__state="granted", new__state__in=["asked", "refused", "withdrawn"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.rule_name}” of {self.version.label}"

    def get_absolute_url(self) -> str:
        return f"/exceptions/{self.pk}/"

    @property
    def is_asked(self) -> bool:
        return self.state == State.ASKED

    @property
    def is_granted(self) -> bool:
        return self.state == State.GRANTED

    @property
    def is_in_force(self) -> bool:
        return self.is_granted and self.until >= timezone.localdate()

    @property
    def ends_at(self) -> datetime:
        """The moment it ends: the midnight after its last day, in the server's time zone."""
        return end_of(self.until)

    @property
    def digest(self) -> str:
        """Names what is asked for and on what evidence by its content: this is what people sign."""
        return digest(
            {
                "version": self.version_id,
                "artifact": self.version.digest,
                "policy": self.policy_label,
                "rule": self.rule_text,
                "outcome": self.outcome,
                "sentence": self.sentence,
                "evidence": self.evidence_digest,
                "reason": self.reason,
                "compensation": self.compensation,
                "until": self.until.isoformat(),
                "asked_by": self.asked_by_name,
            }
        )

    @property
    def is_intact(self) -> bool:
        """Whether it is still what its signatures were given for."""
        return all(one.digest == self.digest for one in self.signatures.all())

    @property
    def granted_by(self) -> list[str]:
        return [one.user_name for one in self.signatures.all() if one.is_grant]


class Signature(models.Model):
    """Who granted or refused, when, in which capacity, with what words, and what exactly was signed."""

    class Decision(models.TextChoices):
        GRANT = "grant", "Grant"
        REFUSE = "refuse", "Refuse"

    exception = models.ForeignKey(
        RuleException, on_delete=models.PROTECT, related_name="signatures"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    user_name = models.CharField(max_length=200)
    decision = models.CharField(max_length=6, choices=Decision)
    activity = models.CharField(max_length=100)
    capacity = models.CharField(max_length=300)
    letter = models.CharField(max_length=1, blank=True)
    role = models.CharField(max_length=100, blank=True)
    stands_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    meaning = models.CharField(max_length=100)
    reason = models.TextField(max_length=5000)
    digest = models.CharField(max_length=71)
    confirmed_with = models.CharField(max_length=20, choices=Method, default=Method.PASSWORD)
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["exception", "user"], name="one_signature_a_person_and_exception"
            ),
            models.UniqueConstraint(
                fields=["exception", "activity"],
                condition=models.Q(decision="grant"),
                name="one_grant_a_duty_and_exception",
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["grant", "refuse"]),
                name="exception_decision_known",
            ),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.user_name}: {self.meaning} {self.exception}"

    @property
    def is_grant(self) -> bool:
        return self.decision == self.Decision.GRANT


def end_of(day: date) -> datetime:
    """The midnight that ends the day, in the server's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
