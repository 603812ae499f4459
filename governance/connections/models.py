"""Other MLflow servers this one reads: how to reach them, what was taken over, where the two differ."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from governance.accounts.queries import is_administrator
from governance.sealing import seal, unseal
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion, PointerKind, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User

SEALED_FOR = "governance.connections"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: "User") -> "ConnectionQuerySet":
        """Administrators see all, others none."""
        return self if is_administrator(user) else self.none()

    def tracking(self) -> "ConnectionQuerySet":
        return self.filter(is_enabled=True, for_tracking=True).order_by("created_at")

    def hooked(self) -> "ConnectionQuerySet":
        """Those whose server may post to this one."""
        return self.exclude(sealed_hook_secret="")

    def syncing(self) -> "ConnectionQuerySet":
        return self.filter(is_enabled=True, for_registry=True).order_by("created_at")


class Connection(models.Model):
    """One MLflow server: read for runs and artifacts (tracking), for its registry, or for both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=63, unique=True)
    url = models.CharField(max_length=2000)
    username = models.CharField(max_length=250, blank=True)
    sealed_secret = models.TextField(blank=True)
    sealed_hook_secret = models.TextField(blank=True)
    for_tracking = models.BooleanField(default=True)
    for_registry = models.BooleanField(default=False)
    move_back = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # How it went lately; written by jobs alone.
    verified_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=1000, blank=True)
    synced_at = models.DateTimeField(null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """A password with a user name, a bearer token without; never shown, never logged."""
        return unseal(self.sealed_secret, SEALED_FOR)

    @secret.setter
    def secret(self, plain: str) -> None:
        self.sealed_secret = seal(plain, SEALED_FOR)

    @property
    def hook_secret(self) -> str:
        """What the other server signs its webhooks with; without one it may not post."""
        return unseal(self.sealed_hook_secret, SEALED_FOR)

    @hook_secret.setter
    def hook_secret(self, plain: str) -> None:
        self.sealed_hook_secret = seal(plain, SEALED_FOR)


class HookDelivery(models.Model):
    """One post of the other server that was taken; a second one of its id is refused."""

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="hook_deliveries"
    )
    delivery_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "delivery_id"], name="hook_delivery_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.delivery_id)


class RemoteModel(models.Model):
    """A model of the other server and the one here it became; its row is the progress of the import."""

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="remote_models"
    )
    name = models.CharField(max_length=256)
    model = models.ForeignKey(
        RegisteredModel, null=True, on_delete=models.PROTECT, related_name="remotes"
    )
    remote_user = models.CharField(max_length=250, blank=True)
    remote_created_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=1000, blank=True)
    synced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="remote_model_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.connection}"


class RemoteVersion(models.Model):
    """What the other server said of a version when it was taken over; its number is the same here."""

    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, related_name="remote"
    )
    remote_model = models.ForeignKey(
        RemoteModel, on_delete=models.PROTECT, related_name="versions"
    )
    source = models.CharField(max_length=2000, blank=True)
    remote_user = models.CharField(max_length=250, blank=True)
    remote_created_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return self.version.label


class Divergence(models.Model):
    """One place where the other server serves what this one has not cleared, or has dropped something.

    What was seen never changes; its later fate is told by the moments below.
    """

    class Kind(models.TextChoices):
        POINTER = "pointer", "Points to a version without clearance"
        POINTER_GONE = "pointer_gone", "Alias is gone there"
        VERSION_GONE = "version_gone", "Version is gone there"
        MODEL_GONE = "model_gone", "Model is gone there"

    kind = models.CharField(max_length=12, choices=Kind)
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="divergences"
    )
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="divergences"
    )
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="divergences"
    )
    pointer_kind = models.CharField(max_length=5, choices=PointerKind, blank=True)
    pointer = models.CharField(max_length=255, blank=True)
    sentence = models.TextField()
    reasons = models.JSONField(default=list)
    seen_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True)
    moved_back_at = models.DateTimeField(null=True)
    moved_back_to = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "model", "kind", "pointer_kind", "pointer", "version"],
                condition=models.Q(resolved_at=None),
                nulls_distinct=False,
                name="divergence_open_once",
            )
        ]
        triggers = frozen_triggers(
            "kind",
            "connection",
            "model",
            "version",
            "pointer_kind",
            "pointer",
            "sentence",
            "reasons",
            "seen_at",
        )

    def __str__(self) -> str:
        return self.sentence

    @property
    def state(self) -> str:
        """How far it is: seen, mailed, moved back, resolved."""
        if self.resolved_at:
            return "resolved"
        if self.moved_back_at:
            return "moved_back"
        return "mailed" if self.mailed_at else "seen"
