"""Everything one person answers for, on one page; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.accounts.models import User
from governance.accounts.queries import is_administrator, reads_everything
from governance.approvals import queries as approvals
from governance.exceptions import queries as exceptions
from governance.responsibility.asking import changed_at
from raci import acceptance
from raci import queries as raci
from raci.models import Absence, Deputy, Holder, Matrix


@dataclass(frozen=True)
class Accepting:
    """What a person holds in one matrix, whether they accepted it, and since when they have not."""

    held: acceptance.Acceptance
    changed_at: datetime | None

    @property
    def slug(self) -> str:
        return self.held.matrix.scope.partition(":")[2]


@dataclass(frozen=True)
class Answers:
    """Roles, letters, what is open, who stands in, and what was accepted."""

    person: User
    roles: list[Holder]
    duties: dict[str, list[raci.Duty]]
    to_sign: list[approvals.Waiting]
    to_except: list[exceptions.Waiting]
    deputies: list[Deputy]
    deputations: list[Deputy]
    absences: list[Absence]
    accepting: list[Accepting]


def visible_people(reader: User) -> QuerySet[User]:
    """Oneself; for auditors and administrators everybody."""
    if reads_everything(reader) or is_administrator(reader):
        return User.objects.all()
    return User.objects.filter(pk=reader.pk)


def _standing_in(person: User) -> list[Deputy]:
    """Who stands in for the person, and for whom they do."""
    pairs = Deputy.objects.not_over().filter(Q(person=person) | Q(deputy=person))
    return list(pairs.select_related("person", "deputy", "matrix"))


def accepting_in(matrix: Matrix) -> list[Accepting]:
    """Who holds what in a matrix and has accepted it or not; two queries."""
    return _accepting(acceptance.acceptances(matrix=matrix))


def _accepting(held: Sequence[acceptance.Acceptance]) -> list[Accepting]:
    outdated = [one for one in held if one.is_outdated]
    changes = changed_at(outdated) if outdated else {}
    return [Accepting(one, changes.get(one.matrix.pk)) for one in held]


def answers(person: User) -> Answers:
    carried = raci.duties(person)
    to_sign, to_except = approvals.to_sign(person, carried, alone=True)
    duties: dict[str, list[raci.Duty]] = {}
    for duty in carried:
        duties.setdefault(duty.matrix_title, []).append(duty)
    pairs = _standing_in(person)
    return Answers(
        person=person,
        roles=list(
            Holder.objects.in_time()
            .filter(user=person)
            .select_related("role__matrix", "team")
            .order_by("role__matrix__title", "role__position")
        ),
        duties=duties,
        to_sign=to_sign.waiting,
        to_except=to_except,
        deputies=[one for one in pairs if one.person_id == person.pk],
        deputations=[one for one in pairs if one.deputy_id == person.pk],
        absences=list(Absence.objects.not_over().filter(person=person)),
        accepting=_accepting(acceptance.acceptances(user=person)),
    )
