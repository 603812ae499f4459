"""Chat channels, what is told there, and how far each message has come."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group as People
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.accounts.queries import is_administrator
from governance.notifications.kinds import Group
from governance.sealing import seal, unseal

if TYPE_CHECKING:
    from governance.accounts.models import User

SEALED_FOR = "governance.notifications.chat"


class ChannelQuerySet(models.QuerySet["Channel"]):
    def live(self) -> "ChannelQuerySet":
        return self.filter(removed_at=None)

    def visible_to(self, user: "User") -> "ChannelQuerySet":
        """One's own; administrators see all."""
        return self.live() if is_administrator(user) else self.live().filter(user=user)


class Channel(models.Model):
    """An address in a chat that is told what one person, or the people of one group, are told.

    The address is as good as a password: it is sealed, shown to nobody, and forgotten on removal.
    """

    name = models.CharField(max_length=60)
    scheme = models.CharField(max_length=20)
    host = models.CharField(max_length=255)
    sealed_address = models.TextField(blank=True)
    # Of whom it hears: of one person or of all in a group.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="chat_channels",
    )
    people = models.ForeignKey(
        People, null=True, on_delete=models.PROTECT, related_name="chat_channels"
    )
    groups = ArrayField(models.CharField(max_length=20, choices=Group))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, people__isnull=False)
                | Q(user__isnull=False, people=None),
                name="channel_of_one_or_of_a_group",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where messages go; for sending only, never shown and never logged."""
        return unseal(self.sealed_address, SEALED_FOR)

    @address.setter
    def address(self, address: str) -> None:
        self.sealed_address = seal(address, SEALED_FOR)

    @property
    def group_titles(self) -> list[str]:
        return [Group(one).label for one in self.groups]


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        return self.filter(state=Message.State.WAITING)

    def due(self) -> "MessageQuerySet":
        return self.waiting().filter(Q(next_try_at=None) | Q(next_try_at__lte=timezone.now()))


class Message(models.Model):
    """One notification told in one channel; the row is the truth, a task only a nudge."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        NONE = "none", "Not sent"

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    notification = models.ForeignKey(
        "notifications.Notification", on_delete=models.PROTECT, related_name="messages"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # Empty is now. While a worker sends, it is when another may take over from one that died.
    next_try_at = models.DateTimeField(null=True)
    first_tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["channel", "-id"], name="message_channel"),
            models.Index(
                fields=["next_try_at", "id"],
                name="message_waiting",
                condition=Q(state="waiting"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "notification"], name="message_told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notification} in {self.channel}"
