"""What a signature can be confirmed with."""

from django.db import models


class Method(models.TextChoices):
    """What a signature was confirmed with."""

    PASSWORD = "password", "password"
    CODE = "code", "code of an authenticator app"
    PASSKEY = "passkey", "passkey"
    PASSWORD_AND_CODE = "password and code", "password and code of an authenticator app"
    PASSWORD_AND_PASSKEY = "password and passkey", "password and passkey"
