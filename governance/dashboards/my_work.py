"""What waits for one person: to sign, to advise on, to do, and what they were told."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from governance.accounts.models import User
from governance.approvals import queries as approvals
from governance.approvals.candidates import PAGE, Show
from governance.approvals.models import Request
from governance.dashboards import lines, to_do
from governance.dashboards.to_do import Task
from governance.exceptions import queries as exceptions
from raci import queries as raci
from raci.acceptance import Acceptance, to_accept


@dataclass(frozen=True)
class Tab:
    """Whose work is shown, how much of it is to sign, and whether this is the one shown."""

    key: str
    title: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Advice:
    """A request somebody wants the person's advice on, by which duty, and by when."""

    request: Request
    duty: str
    due_at: datetime | None


@dataclass(frozen=True)
class MyWork:
    show: str
    tabs: list[Tab]
    page: Page
    to_sign: list[approvals.Waiting]
    to_except: list[exceptions.Waiting]
    to_advise: list[Advice]
    to_do: list[Task]
    to_accept: list[Acceptance]
    told: list[lines.Line]

    @property
    def is_mine(self) -> bool:
        return self.show == Show.MINE

    @property
    def count(self) -> int:
        """What only this person can clear away."""
        signing = self.page.paginator.count + len(self.to_except)
        return signing + len(self.to_advise) + len(self.to_do) + len(self.to_accept)


def my_work(user: User, show: str = Show.MINE, page: int = 1) -> MyWork:
    """One's own work, or what waits for those one works with; a page of what is to sign."""
    duties = raci.duties(user)
    is_mine = show == Show.MINE
    first = (page - 1) * PAGE
    found = _lines(user, duties, show)
    wanted = {one.request for rows in found.values() for one in rows if one.request}
    to_sign, to_except = approvals.to_sign(user, duties, show=show, first=first, beside=wanted)
    requests, counts = to_sign.requests, _exact(to_sign, show, first)
    return MyWork(
        show=show,
        tabs=[Tab(one.value, one.label, counts[one], one == show) for one in Show],
        page=Paginator(range(counts[show]), PAGE).get_page(page),
        to_sign=to_sign.waiting,
        to_except=to_except,
        to_advise=[Advice(requests[one.request], one.who, one.due) for one in found["advice"]],
        to_do=(
            to_do.tasks(user, duties, found, requests)
            if is_mine
            else to_do.conditions(found, requests)
        ),
        to_accept=to_accept(user) if is_mine else [],
        told=found["told"],
    )


def _lines(user: User, duties: list[raci.Duty], show: str) -> lines.Lines:
    """What is one's own: all of it, what is late of it, or nothing beside the work of others."""
    match show:
        case Show.MINE:
            failed, owned = to_do.failed(user, duties), to_do.owned(duties)
            reviewing, switching_off = (
                list(to_do.carried(duties, activity))
                for activity in (to_do.REVIEW, to_do.SWITCH_OFF)
            )
            return lines.read(lines.own(user, failed, owned, reviewing, switching_off))
        case Show.OVERDUE:
            return lines.read(lines.late(user))
    return lines.read([])


def _exact(found: approvals.ToSign, show: str, first: int) -> dict[str, int]:
    """The counts; of what is shown on one page, what came out of the rules.

    The database counts by matrix, requester and signatures, and so also what somebody may not sign
    for having had a lesser part in the evidence.
    """
    fits = not first and found.counts[show] <= PAGE
    return found.counts | ({show: len(found.waiting)} if fits else {})
