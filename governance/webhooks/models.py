"""Webhooks and the log of their deliveries; the row of a delivery is the truth, a message only a nudge."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone

from governance.accounts.queries import is_administrator
from governance.sealing import seal, unseal
from governance.webhooks import titles
from governance.webhooks.standard.signing import new_secret
from registry.models import RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User

SEALED_FOR = "governance.webhooks"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def live(self) -> "WebhookQuerySet":
        return self.filter(deleted_at=None)

    def active(self) -> "WebhookQuerySet":
        return self.live().filter(status=Webhook.Status.ACTIVE)

    def visible_to(self, user: "User") -> "WebhookQuerySet":
        """One's own; administrators see all."""
        return self.live() if is_administrator(user) else self.live().filter(created_by=user)


class Webhook(models.Model):
    """An address that is told of events by POST, with how it has been doing lately."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        DISABLED = "DISABLED", "Disabled"

    class Format(models.TextChoices):
        MLFLOW = "mlflow", "Registry events, as MLflow tells them"
        STANDARD = "standard", "Governance events, as Standard Webhooks"

    FAILING_AFTER = 3
    # A receiver has so long to learn a new secret; until then both sign.
    BOTH_SECRETS_FOR = timedelta(days=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=63)
    url = models.CharField(max_length=2000)
    description = models.TextField(max_length=5000, blank=True)
    events = ArrayField(models.CharField(max_length=40))
    format = models.CharField(max_length=8, choices=Format, default=Format.MLFLOW)
    sealed_secret = models.TextField(blank=True)
    sealed_former_secret = models.TextField(blank=True)
    former_secret_until = models.DateTimeField(null=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # How its deliveries have been going; written by runner.py alone.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    failing_told_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            GinIndex(
                fields=["events"],
                name="webhook_events",
                condition=models.Q(deleted_at=None, status="ACTIVE"),
            ),
            models.Index(
                fields=["created_by", "-created_at", "-id"],
                name="webhook_maker",
                condition=models.Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("web:webhook", args=[self.pk])

    @property
    def secret(self) -> str:
        """What signs the deliveries; for delivery.py only, never shown and never logged."""
        return unseal(self.sealed_secret, SEALED_FOR)

    @secret.setter
    def secret(self, secret: str) -> None:
        self.sealed_secret = seal(secret, SEALED_FOR)

    def change_secret(self) -> str:
        """A new secret, to be shown once; the one before signs too for a while."""
        self.sealed_former_secret = self.sealed_secret
        self.former_secret_until = timezone.now() + self.BOTH_SECRETS_FOR
        self.secret = secret = new_secret()
        return secret

    @property
    def secrets(self) -> list[str]:
        """What signs now, the newest first; for delivery.py only."""
        held = [self.sealed_secret]
        if self.has_former_secret:
            held.append(self.sealed_former_secret)
        return [unseal(sealed, SEALED_FOR) for sealed in held if sealed]

    @property
    def has_former_secret(self) -> bool:
        """Whether the secret before still signs."""
        return bool(self.former_secret_until and self.former_secret_until > timezone.now())

    @property
    def is_signed(self) -> bool:
        return bool(self.sealed_secret)

    @property
    def is_standard(self) -> bool:
        return self.format == self.Format.STANDARD

    @property
    def state(self) -> str:
        """disabled, failing, or active."""
        if self.status == self.Status.DISABLED:
            return "disabled"
        return "failing" if self.failures >= self.FAILING_AFTER else "active"

    @property
    def event_titles(self) -> list[str]:
        return [titles.TITLES.get(event, event) for event in self.events]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING)


class Delivery(models.Model):
    """One event told to one webhook: what was said, how often it was tried, and what came back."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Refused by the receiver"
        GIVEN_UP = "given_up", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(max_length=40, choices=titles.choices)
    # About which model, and of governance events about what; nothing for a test.
    model = models.ForeignKey(
        RegisteredModel, null=True, on_delete=models.PROTECT, related_name="+"
    )
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    is_test = models.BooleanField(default=False)
    again_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.CharField(max_length=1000, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_log"),
            models.Index(
                fields=["webhook", "next_at"],
                name="delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["finished_at"],
                name="delivery_finished",
                condition=models.Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    @property
    def is_finished(self) -> bool:
        return self.state != self.State.WAITING

    @property
    def next_try_at(self) -> datetime | None:
        """When it is tried next: not before its time, nor while its webhook rests; None if not at all."""
        if self.is_finished or not self.next_at:
            return None
        if self.is_test:
            return self.next_at
        if self.webhook.status == Webhook.Status.DISABLED:
            return None
        return max(self.next_at, self.webhook.rests_until or self.next_at)

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it, or is about to."""
        at = self.next_try_at
        return self.claim is not None or (at is not None and at <= timezone.now())
