"""Whom a change of responsibilities tells what, and in which words; notifications does the sending."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from governance.accounts.models import User
from governance.notifications import services as notifications
from governance.usecases.addresses import address_of
from raci.acceptance import Acceptance
from raci.models import Deputy, Matrix

# A mail names so many duties or gaps; the page has them all.
MOST_LINES = 12
TO_ACCEPT = "duties_to_accept"
GAPS = "responsibility_gaps"


def tell_handed_over(matrix: Matrix, data: dict, *, actor: User | None) -> None:
    """Tells both people which roles went from one to the other."""
    both = User.objects.filter(username__in=data["usernames"])
    roles = ", ".join(data["roles"])
    _tell(
        both,
        "responsibility_told",
        subject=matrix,
        title=f"Handed over: {matrix.title}",
        line=f"{data['to']} now holds {roles} in {matrix.title}; before it was {data['person']}. "
        "What is open there goes with the roles.",
        url=address_of(matrix.scope),
        facts=[("By", str(actor or "")), ("Reason", data["reason"])],
        act="Open the matrix",
    )


def tell_deputy(person: User, data: dict) -> None:
    """Tells a deputy for whom they stand in, and when."""
    where = data["matrix"] or "every matrix"
    _tell(
        User.objects.filter(username=data["username"]),
        "responsibility_told",
        subject=person,
        title=f"You stand in for {person}",
        line=f"While {person} is away, you carry what {person} holds in {where}; you decide and "
        "sign in your own name.",
        url="/me/answers/",
        facts=_period(data["since"], data["until"]),
        act="What I answer for",
    )


def tell_stand_ins(person: User, data: dict) -> None:
    """Tells those who stand in that the person is away, or will be."""
    deputies = Deputy.objects.not_over().filter(person=person).values("deputy")
    _tell(
        User.objects.filter(pk__in=deputies, is_active=True),
        "responsibility_told",
        subject=person,
        title=f"{person} is away",
        line=f"You are named as deputy of {person}, who is away; what waits for {person} then "
        "waits for you.",
        url="/me/answers/",
        facts=_period(data["since"], data["until"]),
        act="What I answer for",
    )


def ask_to_accept(acceptance: Acceptance) -> None:
    """Asks one person to accept what they hold in one matrix, as it is now."""
    what = "have changed" if acceptance.is_outdated else "are yours"
    _tell(
        [acceptance.user],
        TO_ACCEPT,
        subject=acceptance.matrix,
        title=f"Accept your duties in {acceptance.matrix.title}",
        line=f"{len(acceptance.letters)} duties in {acceptance.matrix.title} {what}. Read them "
        "and accept them, or tell who answers for the matrix what is wrong.",
        url=f"{address_of(acceptance.matrix.scope)}acceptance/",
        facts=[(one["words"], one["title"]) for one in acceptance.letters[:MOST_LINES]],
        act="Read and accept",
        digest=acceptance.digest,
    )


def report_gaps(
    administrators: Iterable[User], sentences: Sequence[str], subject: User
) -> None:
    """Sends administrators the month's gaps."""
    left = len(sentences) - MOST_LINES
    facts = [("", sentence) for sentence in sentences[:MOST_LINES]]
    if left > 0:
        facts.append(("", f"And {left} more."))
    _tell(
        administrators,
        GAPS,
        subject=subject,
        title="Gaps in responsibility",
        line=f"{len(sentences)} gaps between what the matrices say and what is, as of today."
        if sentences
        else "What the matrices say and what was done agree: no gap.",
        url="/responsibility/",
        facts=facts,
        act="Open the report",
    )


def _period(since: object, until: object) -> list[tuple[str, str]]:
    words = [("From", since), ("Until", until)]
    return [(word, _day(moment)) for word, moment in words if moment]


def _day(moment: object) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    return timezone.localtime(moment).strftime("%-d %B %Y")


def _tell(
    users: Iterable[User],
    kind: str,
    *,
    subject: Model,
    title: str,
    line: str,
    url: str,
    facts: Sequence[tuple[str, str]],
    act: str,
    **more: object,
) -> None:
    notifications.tell(
        users,
        kind,
        subject=subject,
        title=title,
        line=line,
        url=url,
        context={"facts": [list(one) for one in facts], "act": act, **more},
    )
