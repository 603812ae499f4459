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
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def visible_to(self, user: "User") -> "PolicyVersionQuerySet":
        """Everyone may read the rules in force, now or once; drafts are for their editors."""
        if may_edit_policies(user) or reads_everything(user):
            return self
        return self.exclude(state=State.DRAFT)

    def published(self) -> "PolicyVersionQuerySet":
        return self.filter(state=State.PUBLISHED).select_related("policy")


def frozen_once_published() -> list[pgtrigger.Trigger]:
    """A draft may change; a published version may only retire; no version is ever removed."""
    return [
        pgtrigger.Trigger(
            name="keep_published",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func="""
                IF (to_jsonb(OLD) - '{state,text,document,digest,published_by_id,published_at}'::text[])
                   IS DISTINCT FROM
                   (to_jsonb(NEW) - '{state,text,document,digest,published_by_id,published_at}'::text[])
                   OR (OLD.state = 'draft' AND NEW.state = 'retired')
                   OR (OLD.state <> 'draft' AND (
                        (to_jsonb(OLD) - 'state') IS DISTINCT FROM (to_jsonb(NEW) - 'state')
                        OR (OLD.state, NEW.state) NOT IN
                           (('published', 'published'), ('published', 'retired'), ('retired', 'retired'))
                   ))
                THEN
                    RAISE EXCEPTION 'a published policy version never changes'
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


class PolicyVersion(models.Model):
    """One text of a policy, frozen by PostgreSQL from the moment it is published."""

    State = State

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    document = models.JSONField()
    digest = models.CharField(max_length=71)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_number_once"),
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(state="published"), name="one_published"
            ),
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(state="draft"), name="one_draft"
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
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def parsed(self) -> PolicyDocument:
        """The text as an object: rules, approvals, durations."""
        return read_once(self.text)
