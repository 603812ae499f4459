"""What is told when duties go from one person to another."""

from typing import TYPE_CHECKING

from django.db.models import Model

from governance.responsibility import mails
from raci import signals

if TYPE_CHECKING:
    from governance.accounts.models import User


def tell(event: str, subject: Model, actor: "User | None", data: dict, **_: object) -> None:
    if event == signals.HANDED_OVER:
        mails.tell_handed_over(subject, data, actor=actor)
    elif event == signals.DEPUTY_NAMED:
        mails.tell_deputy(subject, data)
    elif event == signals.ABSENCE_ENTERED:
        mails.tell_stand_ins(subject, data)


def connect() -> None:
    signals.changed.connect(tell, dispatch_uid="responsibility.tell")
