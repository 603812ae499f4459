"""People and their API tokens; what they may do to an object is derived in grants.py."""

from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from knox.models import AbstractAuthToken

from governance.accounts.zones import zone_named


class Scope(models.TextChoices):
    """What a token may do; it never may more than its owner."""

    READ = "read", "Read everything its owner may see"
    REGISTER = "register", "Register models and versions, set tags and aliases"
    EVALUATE = "evaluate", "Hand in predictions and start evaluations"
    APPROVE = "approve", "Ask for approval and sign"
    GOVERN = "govern", "Change use cases, responsibilities and policies"


class User(AbstractUser):
    """A person who signs in; history points to people with PROTECT, so they are never deleted."""

    time_zone = models.CharField(max_length=64, blank=True)  # empty is the server's

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return "".join(word[0] for word in words[:2]).upper()

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        return reverse("web:me")


class ApiToken(AbstractAuthToken):
    """A hashed, scoped, expiring API token; the plain text is shown once and never stored."""

    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class PasskeyChallenge(models.Model):
    """What a person's passkey is asked to sign: the newest only, used once, and soon over."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    nonce = models.BinaryField(max_length=32)
    host = models.CharField(max_length=253)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Passkey of {self.user}"
