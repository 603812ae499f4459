"""What each reader saw of a request when they last looked."""

from django.conf import settings
from django.db import models

from governance.approvals.models.requests import Request


class Look(models.Model):
    """One reader's latest look at a request, and the one before this visit, which news is told against.

    A convenience of the reader and no record: it is overwritten, and nothing is decided by it.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="looks")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    marks = models.JSONField()
    looked_at = models.DateTimeField()
    before = models.JSONField()
    before_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "reader"], name="one_look_a_reader")
        ]

    def __str__(self) -> str:
        return f"{self.reader} looked at {self.request}"

    @property
    def is_first(self) -> bool:
        return self.before_at == self.looked_at
