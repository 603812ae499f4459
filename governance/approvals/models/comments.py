"""What people ask and answer beside a request."""

from django.conf import settings
from django.db import models

from governance.approvals.models.requests import Request
from registry.append_only import append_only_triggers


class Comment(models.Model):
    """A question or an answer beside the request, or beside one piece of its evidence."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="comments")
    about = models.CharField(max_length=40, blank=True)
    reply_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replies"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    text = models.TextField(max_length=5000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.author_name} on {self.request}"
