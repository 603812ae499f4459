"""What is told when duties go from one person to another, and what is checked when they change."""

from typing import TYPE_CHECKING

from django.db.models import Model

from governance.responsibility import checking, mails
from raci import signals
from raci.models import Matrix
from raci.queries import scopes_touched_by

if TYPE_CHECKING:
    from governance.accounts.models import User


def tell(event: str, subject: Model, actor: "User | None", data: dict, **_: object) -> None:
    if event == signals.HANDED_OVER:
        mails.tell_handed_over(subject, data, actor=actor)
    elif event == signals.DEPUTY_NAMED:
        mails.tell_deputy(subject, data)
    elif event == signals.ABSENCE_ENTERED:
        mails.tell_stand_ins(subject, data)


# After these the rules find what they found before.
WITHOUT_EFFECT = {signals.ABSENCE_ENTERED, signals.ABSENCE_ENDED, signals.DUTIES_ACCEPTED}


def check(event: str, subject: Model, **_: object) -> None:
    """A matrix or who holds its roles has changed, or, with a person as subject, who stands in."""
    if event in WITHOUT_EFFECT:
        return
    checking.check(Matrix.objects.filter(scope__in=scopes_touched_by(subject)))


def connect() -> None:
    signals.changed.connect(check, dispatch_uid="responsibility.check")
    signals.changed.connect(tell, dispatch_uid="responsibility.tell")
