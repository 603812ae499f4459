"""What exceptions do when the registry changes: questions about what is gone are withdrawn."""

from typing import TYPE_CHECKING

from django.db.models import Model

from governance.exceptions import services
from registry import signals

if TYPE_CHECKING:
    from governance.accounts.models import User


def close_for_deleted(event: str, subject: Model, actor: "User | None", **_: object) -> None:
    if event == signals.VERSION_DELETED:
        services.close_for_deleted([subject.pk], actor=actor)
    if event == signals.MODEL_DELETED:
        versions = subject.versions.values_list("pk", flat=True)
        services.close_for_deleted(list(versions), actor=actor)


def connect() -> None:
    signals.changed.connect(close_for_deleted, dispatch_uid="exceptions.close_for_deleted")
