"""What people wrote on a version's card, revision by revision; the rest of a card is computed."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.append_only import append_only_triggers
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

TEXTS = ("overview", "intended_use", "out_of_scope", "limitations")


class CardRevisionQuerySet(models.QuerySet["CardRevision"]):
    def visible_to(self, user: "User") -> "CardRevisionQuerySet":
        return self.filter(version__in=ModelVersion.objects.visible_to(user).values("pk"))


class CardRevision(models.Model):
    """All texts of a card as one person left them; `carried_over` names those not confirmed yet."""

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="card_revisions"
    )
    number = models.PositiveIntegerField()
    overview = models.CharField(max_length=200, blank=True)
    intended_use = models.TextField(max_length=5000, blank=True)
    out_of_scope = models.TextField(max_length=5000, blank=True)
    limitations = models.TextField(max_length=5000, blank=True)
    carried_over = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    lifted_from = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CardRevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="card_revision_once")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"Card of {self.version.label}, revision {self.number}"

    def get_absolute_url(self) -> str:
        return f"{self.version.get_absolute_url()}card/"
