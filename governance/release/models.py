"""Clearances: the permission to serve, its time and its end; how one is earned is services.py."""

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.approvals.kinds import Kind
from governance.approvals.models import Finding, Request
from governance.blessing.models import Blessing
from governance.policies.models import PolicyVersion
from registry.append_only import frozen_triggers
from registry.models import Alias, ModelVersion, PointerKind

if TYPE_CHECKING:
    from governance.accounts.models import User

# What was permitted and on what; PostgreSQL refuses to change it.
GRANTED = (
    "version",
    "pointer_kind",
    "pointer",
    "request",
    "blessing",
    "policy_version",
    "digest",
    "valid_from",
    "valid_until",
    "ask_from",
)


def points_there() -> models.Q:
    """Whether the pointer of a row points to its version now; for all rows with these columns."""
    pointed = Alias.objects.filter(
        version=models.OuterRef("version"), name=models.OuterRef("pointer")
    )
    by_alias = models.Q(models.Exists(pointed), pointer_kind=PointerKind.ALIAS)
    by_stage = models.Q(pointer_kind=PointerKind.STAGE, version__stage=models.F("pointer"))
    return by_alias | by_stage


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def visible_to(self, user: "User") -> "ClearanceQuerySet":
        return self.filter(version__in=ModelVersion.objects.visible_to(user).values("pk"))

    def for_pointer(self, pointer_kind: str, pointer: str) -> "ClearanceQuerySet":
        return self.filter(pointer_kind=pointer_kind, pointer=pointer)

    def overdue(self) -> "ClearanceQuerySet":
        """Those whose time ran out, or a condition's, and that nobody has marked yet."""
        missed = Finding.objects.overdue().filter(request=models.OuterRef("request"))
        ran_out = models.Q(valid_until__lte=timezone.now()) | models.Exists(missed)
        return self.filter(ran_out, state=Clearance.State.VALID)

    def serving(self) -> "ClearanceQuerySet":
        """Those by which a pointer stands where it stands now."""
        return self.filter(points_there(), state=Clearance.State.VALID)

    def to_validate_again(self) -> "ClearanceQuerySet":
        """What serves, ends before long, and is not asked for anew yet."""
        asked = Request.objects.undecided().filter(
            kind=Kind.REVALIDATION,
            version=models.OuterRef("version"),
            pointer_kind=models.OuterRef("pointer_kind"),
            pointer=models.OuterRef("pointer"),
        )
        due = self.serving().filter(ask_from__lte=timezone.now())
        return due.exclude(models.Exists(asked))


class Clearance(models.Model):
    """The permission that one version may serve under one pointer, until it ends."""

    class State(models.TextChoices):
        VALID = "valid", "Valid"
        LAPSED = "lapsed", "Lapsed"
        REVOKED = "revoked", "Revoked"
        RENEWED = "renewed", "Renewed"

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="clearances"
    )
    pointer_kind = models.CharField(max_length=5, choices=PointerKind)
    pointer = models.CharField(max_length=255)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="clearance")
    blessing = models.ForeignKey(Blessing, on_delete=models.PROTECT, related_name="clearances")
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="clearances"
    )
    digest = models.CharField(max_length=71, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    # From when people are asked to validate again, and when they were told.
    ask_from = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State, default=State.VALID)
    reason = models.TextField(max_length=5000, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_by_name = models.CharField(max_length=200, blank=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["version", "pointer_kind", "pointer", "-id"], name="clearance_pointer"
            ),
            models.Index(
                fields=["valid_until"],
                name="clearance_ends",
                condition=models.Q(state="valid"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["valid", "lapsed", "revoked", "renewed"]),
                name="clearance_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__lt=models.F("valid_until")),
                name="clearance_ends_after_it_begins",
            ),
        ]
        triggers = [
            *frozen_triggers(*GRANTED),
            pgtrigger.Protect(
                name="keep_end",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="valid"),
            ),
        ]

    def __str__(self) -> str:
        return f"Clearance of {self.version.label} for {self.pointer}"

    def get_absolute_url(self) -> str:
        return self.version.get_absolute_url()
