"""Who does what: reads over matrices and their current holders; changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from raci import rules, versions
from raci.advice import Held, advise, advise_on_people
from raci.edits import in_order
from raci.models import (
    Absence,
    Activity,
    Carrying,
    Cell,
    Deputy,
    Holder,
    Letters,
    Matrix,
    MatrixVersion,
    Role,
    Team,
    TeamHolder,
)
from raci.naming import RACI

LETTERS_OF = {
    duty: [letters for letters, parts in rules.ALLOWED.items() if duty in parts]
    for duty in rules.DUTIES
}
STRONGEST_FIRST = list(Letters.values)


@dataclass(frozen=True)
class Duty:
    """What one person carries in one activity, and through which role."""

    activity_key: str
    activity_title: str
    role_code: str
    role_title: str
    letters: str
    scope: str
    matrix_title: str = ""
    deputy_of: str = ""
    deputy_of_id: int | None = None
    naming: str = RACI

    def carries(self, duty: str) -> bool:
        """Whether these letters include the duty; A/R includes A and R."""
        return self.letters in LETTERS_OF[duty]

    @property
    def sentence(self) -> str:
        return self.capacity(self.letters)

    def capacity(self, letters: str) -> str:
        """The same for the letters that count here, such as the A out of A/R."""
        return duty_sentence(letters, self.activity_title) + standing_in(self.deputy_of)


def duty_sentence(letters: str, activity_title: str) -> str:
    """Says “Accountable for Approve or reject the release”."""
    return f"{Letters(letters).label} for {activity_title}"


def standing_in(deputy_of: str) -> str:
    """Says “, as deputy of Bea”, or nothing where the person holds the role."""
    return f", as deputy of {deputy_of}" if deputy_of else ""


def by_role(title: str) -> str:
    """Says “, by the role Business owner”, or nothing where the role is not known."""
    return f", by the role {title}" if title else ""


def holders(scope: str, activity_key: str, duty: str) -> QuerySet:
    """The active people who carry the duty now; letters A/R count for A and for R.

    For those who are away: who stands in for them, see `Carrying`.
    """
    roles = Role.objects.filter(
        matrix__scope=scope,
        cells__activity__key=activity_key,
        cells__letters__in=LETTERS_OF[duty],
    )
    return _people(Carrying.objects.filter(role__in=roles))


def wanted(duty: str, activity_title: str, where: str) -> str:
    """Says “Accountable for “Approve or reject the release” in Credit scoring”."""
    return f"{Letters(duty).label} for “{activity_title}” in {where}"


@dataclass(frozen=True)
class Carrier:
    """One person with the letters they carry in one activity."""

    user: AbstractBaseUser
    activity_key: str
    letters: str
    deputy_of: str = ""
    deputy_of_id: int | None = None
    activity_title: str = ""
    role_title: str = ""

    def carries(self, duty: str) -> bool:
        """Whether these letters include the duty; A/R includes A and R."""
        return self.letters in LETTERS_OF[duty]

    def capacity(self, letters: str = "") -> str:
        """Says “Informed for Approve the release, as deputy of Olu, by the role MLOps”."""
        told = duty_sentence(letters or self.letters, self.activity_title)
        return told + standing_in(self.deputy_of) + by_role(self.role_title)


def carriers(
    scope: str, activity_keys: Iterable[str], duties: Iterable[str] = ("R", "A")
) -> list[Carrier]:
    """Who carries one of the duties in the activities now, for many activities in one query.

    Who holds a role comes before who stands in.
    """
    return carriers_by_scope([scope], activity_keys, duties).get(scope, [])


def carriers_by_scope(
    scopes: Iterable[str], activity_keys: Iterable[str], duties: Iterable[str] = ("R", "A")
) -> dict[str, list[Carrier]]:
    """The same for many scopes in one query."""
    held = (
        Carrying.objects.filter(
            role__matrix__scope__in=list(scopes),
            role__cells__activity__key__in=list(activity_keys),
            role__cells__letters__in={one for duty in duties for one in LETTERS_OF[duty]},
        )
        .annotate(
            scope=F("role__matrix__scope"),
            activity_key=F("role__cells__activity__key"),
            activity_title=F("role__cells__activity__title"),
            letters=F("role__cells__letters"),
        )
        .select_related("user", "deputy_of", "role")
        .order_by("user", F("deputy_of").asc(nulls_first=True))
    )
    found: dict[str, list[Carrier]] = {}
    for one in held:
        found.setdefault(one.scope, []).append(_carrier(one))
    return found


def _carrier(held: Carrying) -> Carrier:
    return Carrier(
        user=held.user,
        activity_key=held.activity_key,
        letters=held.letters,
        deputy_of=str(held.deputy_of or ""),
        deputy_of_id=held.deputy_of_id,
        activity_title=held.activity_title,
        role_title=held.role.title,
    )


@dataclass(frozen=True)
class Away:
    """That somebody is away now, and until when if that is known."""

    until: datetime | None = None

    @property
    def words(self) -> str:
        if self.until is None:
            return ""
        day = timezone.localtime(self.until)
        return f" until {day.day} {day:%B %Y}"


def away(people: Iterable[int]) -> dict[int, Away]:
    """Who of these people is away at this moment, by their keys; one query."""
    absences = Absence.objects.current().filter(person__in=list(people)).order_by("until")
    return {one.person_id: Away(one.until) for one in absences}


def participants(scope: str) -> QuerySet:
    """The active people who hold or carry any letter in the scope; the absent stay among them.

    So do those named as deputies: they may have to stand in tomorrow, and what is overdue is told them.
    """
    roles = Role.objects.filter(matrix__scope=scope, cells__isnull=False)
    held = Holder.objects.current().filter(role__in=roles).values("user")
    carried = Carrying.objects.filter(role__in=roles).values("user")
    named = named_deputies(scope).filter(person__in=held).values("deputy")
    people = get_user_model().objects.filter(
        Q(pk__in=held) | Q(pk__in=carried) | Q(pk__in=named)
    )
    return people.order_by("pk")


def named_deputies(scope: str) -> QuerySet[Deputy]:
    """Who is named to stand in for whom in the scope now, whether anybody is away or not."""
    of_scope = Q(matrix=None) | Q(matrix__scope=scope)
    return Deputy.objects.current().filter(of_scope, deputy__is_active=True)


def _people(carrying: QuerySet[Carrying]) -> QuerySet:
    return get_user_model().objects.filter(pk__in=carrying.values("user")).order_by("pk")


def duties(user: AbstractBaseUser, scope: str | None = None) -> list[Duty]:
    """Everything the person carries now, in one scope or in all, with one query."""
    carried = Carrying.objects.filter(user=user, role__cells__isnull=False)
    if scope is not None:
        carried = carried.filter(role__matrix__scope=scope)
    carried = (
        carried.select_related("role__matrix", "deputy_of")
        .annotate(
            activity_key=F("role__cells__activity__key"),
            activity_title=F("role__cells__activity__title"),
            letters=F("role__cells__letters"),
        )
        .order_by(
            "role__matrix__scope",
            "role__cells__activity__position",
            F("deputy_of").asc(nulls_first=True),
        )
    )
    return [_duty(one) for one in carried]


def duty_of(
    user: AbstractBaseUser, scope: str, activity_key: str, duty: str | None = None
) -> Duty | None:
    """The strongest duty the person carries in the activity, or the strongest that includes `duty`."""
    found = [
        carried
        for carried in duties(user, scope)
        if carried.activity_key == activity_key and (duty is None or carried.carries(duty))
    ]
    return min(found, key=lambda carried: STRONGEST_FIRST.index(carried.letters), default=None)


def scopes_of(user: AbstractBaseUser) -> QuerySet[Matrix, str]:
    """The scopes in which the person holds a role now, or carries one for somebody away."""
    held = Holder.objects.current().filter(user=user).values("role")
    carried = Carrying.objects.filter(user=user).values("role")
    return (
        Matrix.objects.filter(Q(roles__in=held) | Q(roles__in=carried))
        .order_by("scope")
        .values_list("scope", flat=True)
        .distinct()
    )


def scopes_held_by(person: AbstractBaseUser) -> QuerySet[Matrix, str]:
    """The scopes in which the person is named, there or away, with an active account or without."""
    held = Holder.objects.filter(user=person).values("role")
    return (
        Matrix.objects.filter(roles__in=held)
        .order_by("scope")
        .values_list("scope", flat=True)
        .distinct()
    )


def scopes_touched_by(subject: Model) -> list[str]:
    """The scopes that a change about this subject (see `raci.signals`) can reach.

    None for a team: each matrix in which it holds a role is told on its own.
    """
    if isinstance(subject, Matrix):
        return [subject.scope]
    return [] if isinstance(subject, Team) else list(scopes_held_by(subject))


def held_as_member(person: AbstractBaseUser, scope: str | None = None) -> QuerySet[Holder]:
    """The roles that the person holds through a team now, and not in their own name."""
    held = Holder.objects.in_time().filter(user=person).exclude(team=None)
    if scope is not None:
        held = held.filter(role__matrix__scope=scope)
    return held.select_related("role__matrix", "team", "user")


def membership_sentence(held: Holder) -> str:
    """Says “Rui stays Risk and validation in Credit, as a member of Risk.”"""
    return f"{held.user} stays {held.role} in {held.role.matrix.title}, as a member of {held.team}."


def team_holders(matrix: Matrix) -> list[TeamHolder]:
    """The teams in its roles now or later, each with its members, with two queries."""
    held = TeamHolder.objects.not_over().filter(role__matrix=matrix)
    members = get_user_model().objects.order_by("username")
    people = Prefetch("team__members", members, to_attr="people")
    return list(held.select_related("team", "role").prefetch_related(people))


def teams_seen_by(user: AbstractBaseUser) -> QuerySet[Team]:
    """Teams with `people`, their members, and `held`, their roles in matrices that this person sees."""
    held = TeamHolder.objects.not_over().filter(
        role__matrix__in=Matrix.objects.visible_to(user).values("pk")
    )
    held = held.select_related("role__matrix").order_by("role__matrix__title", "role")
    members = get_user_model().objects.order_by("username")
    return Team.objects.visible_to(user).prefetch_related(
        Prefetch("members", members, to_attr="people"),
        Prefetch("holdings", held, to_attr="held"),
    )


def scopes_in_motion() -> QuerySet[Matrix, str]:
    """The scopes in which time alone changes who carries a role: beginnings, ends, absences, deputies."""
    timed = Holder.objects.exclude(since=None, until=None)
    moving = Deputy.objects.values("person")
    held = Holder.objects.filter(Q(pk__in=timed.values("pk")) | Q(user__in=moving))
    return (
        Matrix.objects.filter(roles__in=held.values("role"))
        .order_by("scope")
        .values_list("scope", flat=True)
        .distinct()
    )


def grid(matrix: Matrix) -> list[rules.Line]:
    """The matrix as the rules see it, with two queries."""
    cells = Cell.objects.select_related("role")
    activities = matrix.activities.prefetch_related(Prefetch("cells", cells))
    return [
        rules.Line(
            activity.key,
            activity.title,
            {
                cell.role.code: cell.letters
                for cell in sorted(activity.cells.all(), key=lambda cell: cell.role.position)
            },
            activity.segregated,
            matrix.naming,
        )
        for activity in activities
    ]


def snapshot(matrix: Matrix) -> dict:
    """The whole matrix as plain values (see `raci.edits`), with three queries."""
    roles = list(matrix.roles.all())
    codes = {role.pk: role.code for role in roles}
    activities = matrix.activities.prefetch_related("cells")
    rows = [
        {
            "key": one.key,
            "stage": one.stage,
            "title": one.title,
            "segregated": one.segregated,
            "cells": {codes[cell.role_id]: cell.letters for cell in one.cells.all()},
        }
        for one in activities
    ]
    named = {} if matrix.naming == RACI else {"naming": matrix.naming}
    return in_order(
        {
            "roles": [{"code": role.code, "title": role.title} for role in roles],
            "activities": rows,
        }
        | named
    )


def latest_version(matrix: Matrix) -> MatrixVersion:
    return matrix.versions.order_by("-number")[0]


def brought_in_by(version: MatrixVersion) -> list[rules.Problem]:
    """The errors that a version has and the one before it had not."""
    before = MatrixVersion.objects.filter(
        matrix=version.matrix_id, number=version.number - 1
    ).first()
    return versions.new_problems(before.snapshot, version.snapshot) if before else []


def problems(matrix: Matrix) -> list[rules.Problem]:
    """The errors in the letters; what depends on the activity is refused while they stand."""
    return rules.check(grid(matrix))


def advice(matrix: Matrix) -> list[rules.Problem]:
    """What is seldom good in the letters, and what is doubtful about who holds the roles.

    Roles that nobody holds are left to `unfilled_roles`.
    """
    lines = grid(matrix)
    return [*advise(lines), *doubts_on_people(held(matrix), lines)]


def doubts_on_people(people: dict[str, Held], lines: list[rules.Line]) -> list[rules.Problem]:
    """What is doubtful about the people of those roles that are held."""
    return [one for one in advise_on_people(lines, people) if one.role in people]


def holdings(matrix: Matrix) -> list[Holder]:
    """Who is in a role now, whatever became of their account, each with `standing_in`: their deputies."""
    standing_in = Deputy.objects.current().filter(
        Q(matrix=None) | Q(matrix=matrix), person=OuterRef("user"), deputy__is_active=True
    )
    rows = (
        Holder.objects.in_time()
        .filter(role__matrix=matrix)
        .select_related("user", "role", "team")
        .annotate(deputies=ArraySubquery(standing_in.values("deputy")))
    )
    found = list(rows)
    wanted = {pk for row in found for pk in row.deputies}
    people = get_user_model().objects.in_bulk(wanted) if wanted else {}
    for row in found:
        row.standing_in = [people[pk] for pk in row.deputies]
    return found


def held(matrix: Matrix) -> dict[str, Held]:
    """Who holds each role, whose account is closed, and who stands in for them, by the role's code."""
    return held_by(holdings(matrix))


def held_by(rows: Iterable[Holder]) -> dict[str, Held]:
    """The same of what `holdings` gave."""
    found: dict[str, Held] = {}
    for row in rows:
        former = found.get(row.role.code, Held())
        name = [str(row.user)]
        found[row.role.code] = Held(
            people=[*former.people, *(name if row.user.is_active else [])],
            deputies=[*former.deputies, *map(str, row.standing_in)],
            inactive=[*former.inactive, *([] if row.user.is_active else name)],
        )
    return found


def problems_in(scope: str, activity_keys: Iterable[str]) -> list[rules.Problem]:
    """The errors that touch the named activities of the scope."""
    matrix = Matrix.objects.filter(scope=scope).first()
    wanted = set(activity_keys)
    found = problems(matrix) if matrix else []
    return [one for one in found if one.activity in wanted and one.severity == "error"]


def unfilled_roles(matrix: Matrix) -> QuerySet[Role]:
    """Roles with a letter that nobody carries: neither a holder nor who stands in."""
    return unfilled_in(Matrix.objects.filter(pk=matrix.pk))


def unfilled_in(matrices: QuerySet[Matrix]) -> QuerySet[Role]:
    """The same over several matrices, with one query."""
    filled = Carrying.objects.values("role")
    roles = Role.objects.filter(matrix__in=matrices, cells__isnull=False)
    return roles.exclude(pk__in=filled).select_related("matrix").distinct()


def lettered_roles(matrices: QuerySet[Matrix]) -> QuerySet[Role]:
    """The roles with a letter, in order, each with `is_carried`: whether anybody does now."""
    carried = Carrying.objects.filter(role=OuterRef("pk"))
    lettered = Cell.objects.filter(role=OuterRef("pk"))
    return (
        Role.objects.filter(Exists(lettered), matrix__in=matrices)
        .annotate(is_carried=Exists(carried))
        .select_related("matrix")
        .order_by("matrix__title", "position")
    )


def activity_titles(scope: str, activity_keys: Iterable[str]) -> dict[str, str]:
    """The titles of activities of a matrix, by key; what it does not have is left out."""
    found = Activity.objects.filter(matrix__scope=scope, key__in=list(activity_keys))
    return dict(found.values_list("key", "title"))


def activity_title(scope: str, activity_key: str) -> str:
    """The words for an activity in this scope; the key itself where the scope lacks it."""
    activities = Activity.objects.filter(matrix__scope=scope, key=activity_key)
    return activities.values_list("title", flat=True).first() or activity_key


def _duty(carried: Carrying) -> Duty:
    return Duty(
        activity_key=carried.activity_key,
        activity_title=carried.activity_title,
        role_code=carried.role.code,
        role_title=carried.role.title,
        letters=carried.letters,
        scope=carried.role.matrix.scope,
        matrix_title=carried.role.matrix.title,
        deputy_of=str(carried.deputy_of or ""),
        deputy_of_id=carried.deputy_of_id,
        naming=carried.role.matrix.naming,
    )
