"""Everything one person answers for, on one page; reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

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


def accepting_in(matrix: Matrix) -> list[Accepting]:
    """Who holds what in a matrix and has accepted it or not; three queries."""
    held = acceptance.acceptances(matrix=matrix)
    changes = changed_at(held) if held else {}
    return [Accepting(one, changes.get(matrix.pk)) for one in held]


def answers(person: User) -> Answers:
    carried = raci.duties(person)
    to_sign, to_except = approvals.to_sign(person, carried)
    duties: dict[str, list[raci.Duty]] = {}
    for duty in carried:
        duties.setdefault(duty.matrix_title, []).append(duty)
    held = acceptance.acceptances(user=person)
    changes = changed_at(held) if held else {}
    return Answers(
        person=person,
        roles=list(
            Holder.objects.in_time()
            .filter(user=person)
            .select_related("role__matrix")
            .order_by("role__matrix__title", "role__position")
        ),
        duties=duties,
        to_sign=to_sign,
        to_except=to_except,
        deputies=list(
            Deputy.objects.not_over().filter(person=person).select_related("deputy", "matrix")
        ),
        deputations=list(
            Deputy.objects.not_over().filter(deputy=person).select_related("person", "matrix")
        ),
        absences=list(Absence.objects.not_over().filter(person=person)),
        accepting=[Accepting(one, changes.get(one.matrix.pk)) for one in held],
    )
