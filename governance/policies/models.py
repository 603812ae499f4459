"""Policies and their numbered versions; what a text means is document.py, not here."""

from functools import lru_cache
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse

from governance.accounts.queries import may_edit_policies, reads_everything
from governance.policies.document import PolicyDocument, read
from registry.append_only import append_only_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


# The gate asks for the policy on every move; reading a text takes longer than its queries.
read_once = lru_cache(maxsize=256)(read)


class Policy(models.Model):
    """A name under which versions of rules are published, one at a time."""

    name = models.SlugField(max_length=80, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("web:policy", args=[self.name])


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def visible_to(self, user: "User") -> "PolicyVersionQuerySet":
        """Everyone may read the rules in force, now or once; the rest is for editors and auditors."""
        if may_edit_policies(user) or reads_everything(user):
            return self
        return self.exclude(published_at=None)

    def waiting_for(self, user: "User") -> "PolicyVersionQuerySet":
        """What this editor may publish or send back, and their own drafts that were sent back."""
        if not may_edit_policies(user):
            return self.none()
        is_own = models.Q(revised_by=user) | models.Q(revised_by=None, created_by=user)
        in_review = models.Q(state=State.REVIEW)
        if settings.POLICY_FOUR_EYES:
            in_review &= ~is_own
        returned = models.Q(state=State.DRAFT, returned_at__isnull=False) & is_own
        return self.filter(in_review | returned).select_related("policy").order_by("pk")

    def labelled(self, label: str) -> "PolicyVersionQuerySet":
        """The version of this label, “credit-decisions v3”; none where nothing is called so."""
        name, _, number = label.rpartition(" v")
        return (
            self.filter(policy__name=name, number=number) if number.isdecimal() else self.none()
        )

    def published(self) -> "PolicyVersionQuerySet":
        return self.filter(state=State.PUBLISHED).select_related("policy")


# What a draft's author changes; from the review on none of it ever changes again.
CONTENT = (
    "text",
    "resolved_text",
    "base_version_id",
    "document",
    "digest",
    "revised_by_id",
    "revised_at",
)
# What the acts on a version write beside its state.
ACTS = (
    "submitted_by_id", "submitted_at", "returned_by_id", "returned_at", "returned_reason",
    "published_by_id", "published_at", "published_reason", "published_with",
    "retired_by_id", "retired_at", "retired_reason",
)  # fmt: skip
MOVES = (
    ("draft", "review"), ("review", "draft"), ("review", "published"),
    ("draft", "retired"), ("review", "retired"), ("published", "retired"),
)  # fmt: skip


def frozen_once_published() -> list[pgtrigger.Trigger]:
    """A draft's text may change; states move along MOVES; no version is ever removed."""
    changeable, acts = _names(("state", *CONTENT, *ACTS)), _names(("state", *ACTS))
    ends = _names(("state", "retired_by_id", "retired_at", "retired_reason"))
    moves = ", ".join(f"('{before}', '{after}')" for before, after in MOVES)
    return [
        pgtrigger.Trigger(
            name="keep_published",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"""
                IF (to_jsonb(OLD) - {changeable}) IS DISTINCT FROM (to_jsonb(NEW) - {changeable})
                   OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({moves}))
                   OR ((OLD.state, NEW.state) <> ('draft', 'draft')
                       AND (to_jsonb(OLD) - {acts}) IS DISTINCT FROM (to_jsonb(NEW) - {acts}))
                   OR (OLD.state = 'published'
                       AND (to_jsonb(OLD) - {ends}) IS DISTINCT FROM (to_jsonb(NEW) - {ends}))
                   OR (OLD.state = 'retired' AND to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW))
                THEN
                    RAISE EXCEPTION 'a policy version in review or published never changes'
                    USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name="keep_versions",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func="RAISE EXCEPTION 'policy versions are never removed' USING ERRCODE = 'restrict_violation';",
        ),
        *[one for one in append_only_triggers() if one.name == "keep_table"],
    ]


def _names(columns: tuple[str, ...]) -> str:
    return f"'{{{','.join(columns)}}}'::text[]"


def _who() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class PolicyVersion(models.Model):
    """One text of a policy, frozen by PostgreSQL from the moment it is given to review.

    A text that extends a base has a `resolved_text` too: the whole, which stands without the base.
    """

    State = State

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    resolved_text = models.TextField(blank=True)
    base_version = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="extended_by"
    )
    document = models.JSONField()
    digest = models.CharField(max_length=71)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revised_by = _who()
    revised_at = models.DateTimeField(null=True)
    submitted_by = _who()
    submitted_at = models.DateTimeField(null=True)
    returned_by = _who()
    returned_at = models.DateTimeField(null=True)
    returned_reason = models.TextField(max_length=2000, blank=True)
    published_by = _who()
    published_at = models.DateTimeField(null=True)
    # Why, and what the signature was confirmed with; empty where an operator's command published.
    published_reason = models.TextField(max_length=2000, blank=True)
    published_with = models.CharField(max_length=20, blank=True)
    retired_by = _who()
    retired_at = models.DateTimeField(null=True)
    retired_reason = models.TextField(max_length=2000, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_number_once"),
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(state="published"), name="one_published"
            ),
            models.UniqueConstraint(
                fields=["policy"],
                condition=models.Q(state__in=["draft", "review"]),
                name="one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="policy_state_known"
            ),
        ]
        triggers = frozen_once_published()

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("web:policy_version", args=[self.policy.name, self.number])

    @property
    def label(self) -> str:
        """The version as people say it: “credit-decisions v3”."""
        return f"{self.policy.name} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_in_review(self) -> bool:
        return self.state == State.REVIEW

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def was_in_force(self) -> bool:
        return self.published_at is not None

    @property
    def author(self) -> "User":
        """Who changed the text last."""
        return self.revised_by or self.created_by

    @property
    def whole_text(self) -> str:
        """The text by which is judged: its own, or with all that it takes over from its base."""
        return self.resolved_text or self.text

    @property
    def parsed(self) -> PolicyDocument:
        """The whole text as an object: rules, approvals, durations."""
        return read_once(self.whole_text)
