"""Writes down what the packages below report by signal, since they do not know the trail."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Model

from governance.audit import services
from raci import signals as raci_signals
from registry import signals as registry_signals

if TYPE_CHECKING:
    from governance.accounts.models import User


def write_change(
    event: str, subject: Model, actor: "User | None", data: dict | None = None, **_: object
) -> None:
    services.record(event, subject, actor=actor, **(data or {}))


def write_refusal(
    event: str,
    subject: Model,
    actor: "User | None",
    reasons: Sequence[str],
    data: dict | None = None,
    **_: object,
) -> None:
    services.record_refusal(event, subject, actor=actor, reasons=reasons, **(data or {}))


def connect() -> None:
    for signals in (registry_signals, raci_signals):
        signals.changed.connect(write_change, dispatch_uid=f"audit.{signals.__name__}.changed")
        signals.refused.connect(write_refusal, dispatch_uid=f"audit.{signals.__name__}.refused")
