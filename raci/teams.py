"""The acts on teams: making them, who is in them, and which roles they hold.

Every member holds the roles of the team, by a `Holder` that names the team; these rows are kept
what the members and the roles say, in the transaction of each change. Order of locks: team, matrices.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Model

from raci import signals
from raci.errors import Conflict, Invalid, NotAllowed, NotFound
from raci.models import Holder, Matrix, PeriodQuerySet, Team, TeamHolder
from raci.refusals import told_when_refused
from raci.services import check_time_in_role, require_change, role_in

LONGEST_NAME = 100


def may_manage(user: AbstractBaseUser) -> bool:
    """Whether the person says who is in a team, which gives roles in every matrix it stands in."""
    return user.has_perm("raci.change_matrix")


def named(name: str) -> Team:
    """The team of this name, in capitals or not."""
    team = Team.objects.filter(name__iexact=name.strip()).first()
    if team is None:
        raise NotFound(f"There is no team {name}.", field="team")
    return team


def create(name: str, *, actor: AbstractBaseUser) -> Team:
    """Makes a team without members."""
    name = " ".join(name.split())
    with (
        told_when_refused(signals.TEAM_CREATED, actor, actor),
        transaction.atomic(durable=True),
    ):
        _require_manager(actor)
        if not name:
            raise Invalid("A team has a name.", field="name")
        if len(name) > LONGEST_NAME:
            raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field="name")
        team = _made(name)
        _tell(signals.TEAM_CREATED, team, actor)
    return team


def delete(team: Team, *, actor: AbstractBaseUser) -> None:
    """Deletes a team that holds no role any more; the trail keeps what it held."""
    with _changing(team, signals.TEAM_DELETED, actor=actor) as locked:
        _require_manager(actor)
        held = _standing(locked).select_related("role__matrix")
        if held:
            raise Conflict(
                f"{locked} still holds roles; take it out of them first.",
                reasons=[f"{one.role} in {one.role.matrix.title}" for one in held],
            )
        _tell(signals.TEAM_DELETED, locked, actor, members=_names(locked))
        Holder.objects.filter(team=locked).delete()
        locked.holdings.all().delete()
        locked.delete()


def add_member(team: Team, user: AbstractBaseUser, *, actor: AbstractBaseUser) -> None:
    """Adds a person, who holds from now what the team holds."""
    with _changing(team, signals.MEMBER_ADDED, actor=actor) as locked:
        _require_manager(actor)
        if not user.is_active:
            raise Invalid(f"The account of {user} is not active.", field="user")
        if locked.members.filter(pk=user.pk).exists():
            raise Conflict(f"{user} is in {locked} already.")
        held = _locked_holdings(locked)
        locked.members.add(user)
        _tell(signals.MEMBER_ADDED, locked, actor, user=str(user))
        for one in held:
            _derive(one, actor)
            _tell_holder(signals.HOLDER_ASSIGNED, one, user, actor)


def remove_member(team: Team, user: AbstractBaseUser, *, actor: AbstractBaseUser) -> None:
    """Takes a person out, and with that out of what they held through the team."""
    with _changing(team, signals.MEMBER_REMOVED, actor=actor) as locked:
        _require_manager(actor)
        if not locked.members.filter(pk=user.pk).exists():
            raise Conflict(f"{user} is not in {locked}.")
        held = _locked_holdings(locked)
        locked.members.remove(user)
        _tell(signals.MEMBER_REMOVED, locked, actor, user=str(user))
        for one in held:
            _derive(one, actor)
            _tell_holder(signals.HOLDER_UNASSIGNED, one, user, actor)


def assign_team(
    matrix: Matrix,
    role_code: str,
    team: Team,
    *,
    actor: AbstractBaseUser,
    since: datetime | None = None,
    until: datetime | None = None,
) -> TeamHolder:
    """Puts a team into a role, for good or from and until a moment; it may have members or not yet."""
    with _changing(team, signals.TEAM_ASSIGNED, actor=actor, matrix=matrix) as locked:
        role = role_in(matrix, role_code)
        check_time_in_role(since, until)
        same = {"role": role, "team": locked, "since": since, "until": until}
        if TeamHolder.objects.filter(**same).exists():
            raise Conflict(f"{locked} is {role} already.")
        held, _created = TeamHolder.objects.update_or_create(
            role=role,
            team=locked,
            defaults={"assigned_by": actor, "since": since, "until": until},
        )
        _derive(held, actor)
        data = {"role": role.code, "team": str(locked), "people": _names(locked)}
        if since is not None:
            data["since"] = since
        _tell(signals.TEAM_ASSIGNED, matrix, actor, **data, until=until)
    return held


def unassign_team(held: TeamHolder, *, actor: AbstractBaseUser) -> None:
    """Takes a team out of a role; members who hold it in their own name keep it."""
    role, matrix = held.role, held.role.matrix
    with _changing(held.team, signals.TEAM_UNASSIGNED, actor=actor, matrix=matrix) as locked:
        gone, _by_model = TeamHolder.objects.filter(pk=held.pk).delete()
        if not gone:
            raise Conflict(f"{locked} is no longer {role}.")
        Holder.objects.filter(role=role, team=locked).delete()
        data = {"role": role.code, "team": str(locked), "people": _names(locked)}
        _tell(signals.TEAM_UNASSIGNED, matrix, actor, **data)


def _derive(held: TeamHolder, actor: AbstractBaseUser) -> None:
    """Makes the rows of the members in this role what the team and its members say."""
    rows = Holder.objects.filter(role=held.role_id, team=held.team_id)
    members = set(held.team.members.values_list("pk", flat=True))
    rows.exclude(user__in=members).delete()
    rows.update(since=held.since, until=held.until)
    present = set(rows.values_list("user", flat=True))
    Holder.objects.bulk_create(
        Holder(
            role_id=held.role_id,
            user_id=pk,
            team_id=held.team_id,
            assigned_by=actor,
            since=held.since,
            until=held.until,
        )
        for pk in sorted(members - present)
    )


def _standing(team: Team) -> PeriodQuerySet:
    return TeamHolder.objects.not_over().filter(team=team)


def _locked_holdings(team: Team) -> list[TeamHolder]:
    """What the team holds or will, with its matrices locked in one order."""
    standing = _standing(team).order_by("role__matrix", "role")
    wanted = standing.values("role__matrix")
    list(Matrix.objects.select_for_update().order_by("pk").filter(pk__in=wanted))
    return list(standing.select_related("role__matrix", "team"))


@contextmanager
def _changing(
    team: Team, event: str, *, actor: AbstractBaseUser, matrix: Matrix | None = None
) -> Iterator[Team]:
    """Opens the transaction of a change on the locked team, and on the matrix it holds a role in."""
    with (
        told_when_refused(event, matrix or team, actor),
        transaction.atomic(durable=True),
    ):
        locked = Team.objects.select_for_update().filter(pk=team.pk).first()
        if locked is None:
            raise Conflict(f"{team} has been deleted.")
        if matrix is not None:
            require_change(actor, Matrix.objects.select_for_update().get(pk=matrix.pk))
        yield locked


def _require_manager(actor: AbstractBaseUser) -> None:
    if not may_manage(actor):
        raise NotAllowed("Only an administrator makes teams and says who is in them.")


def _made(name: str) -> Team:
    # asked of the database, which also sees who makes one of that name at this moment
    try:
        with transaction.atomic():
            return Team.objects.create(name=name)
    except IntegrityError:
        raise Conflict(f"There is a team {name} already.", field="name") from None


def _names(team: Team) -> list[str]:
    return [str(user) for user in team.members.order_by("pk")]


def _tell_holder(
    event: str, held: TeamHolder, user: AbstractBaseUser, actor: AbstractBaseUser
) -> None:
    role = held.role
    _tell(event, role.matrix, actor, role=role.code, user=str(user), team=str(held.team))


def _tell(event: str, subject: Model, actor: AbstractBaseUser, **data: object) -> None:
    signals.changed.send(
        sender=type(subject), event=event, subject=subject, actor=actor, data=data
    )
