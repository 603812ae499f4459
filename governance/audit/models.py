"""The append-only trail of who did what; knows nothing of what an event means."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from governance.audit import events, wording
from registry.append_only import append_only_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: "User") -> "EntryQuerySet":
        """Auditors and administrators read everything, others what they did themselves."""
        return self if user.has_perm("audit.view_entry") else self.filter(actor_id=user.pk)

    def about(self, *subjects: models.Model) -> "EntryQuerySet":
        """The trail of the given objects; the caller has made sure that they may be seen."""
        wanted = models.Q(pk__in=[])
        for subject in subjects:
            wanted |= models.Q(
                subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
            )
        return self.filter(wanted)


class Entry(models.Model):
    """One fact: the actor's name and the subject's label are copied, so they outlive both."""

    event = models.CharField(max_length=60, choices=events.choices)
    refused = models.BooleanField(default=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    data = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="entry_subject"),
            models.Index(fields=["actor", "-id"], name="entry_actor"),
            models.Index(fields=["event", "-id"], name="entry_event"),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.sentence}"

    @property
    def headline(self) -> str:
        return wording.headline(self)

    @property
    def sentence(self) -> str:
        return wording.sentence(self)

    @property
    def told_reasons(self) -> list[str]:
        return wording.reasons(self)
