"""The acts on matrices: creating, setting letters, naming people; the only writer of these tables."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from raci import organisation, queries, signals, versions
from raci.components import component_edits
from raci.document import EMPTY
from raci.edits import AnyEdit, Edit, applied
from raci.errors import Conflict, Invalid, NotAllowed, NotFound
from raci.models import Activity, Cell, Holder, Matrix, MatrixVersion, Role, TeamHolder
from raci.naming import naming_of
from raci.periods import check_period
from raci.refusals import told_when_refused

MAX_REASON = 1000


def may_change(user: AbstractBaseUser, matrix: Matrix) -> bool:
    """Whether the person may change letters and holders: on this matrix, or on all."""
    return user.has_perm("raci.change_matrix") or user.has_perm("raci.change_matrix", matrix)


def require_change(user: AbstractBaseUser, matrix: Matrix) -> None:
    if not may_change(user, matrix):
        raise NotAllowed(
            f"You may not change {matrix}; that takes Responsible or Accountable for "
            "defining the use case, or an administrator."
        )


def create_matrix(
    scope: str,
    title: str,
    *,
    actor: AbstractBaseUser | None,
    template: str = "",
    holders: Mapping[str, Iterable[AbstractBaseUser]] | None = None,
) -> Matrix:
    """Creates a matrix from a template, or from the organisation's default, with its first holders.

    Part of the transaction of whatever opens the scope, which also decides who may open one.
    """
    chosen = organisation.beginning(template)
    with transaction.atomic():
        if Matrix.objects.filter(scope=scope).exists():
            raise Conflict(f"There is a RACI matrix for {scope} already.")
        matrix = Matrix.objects.create(scope=scope, title=title)
        _store(matrix, EMPTY, chosen.snapshot)
        roles = {role.code: role for role in matrix.roles.all()}
        _keep_version(
            matrix,
            queries.snapshot(matrix),
            number=1,
            actor=actor,
            reason=f"Made from the template “{chosen.title}”"[:MAX_REASON],
        )
        _first_holders(roles, holders or {}, actor=actor)
        people = {code: [str(u) for u in users] for code, users in (holders or {}).items()}
        _tell(
            signals.MATRIX_CREATED,
            matrix,
            actor,
            scope=scope,
            template=chosen.key,
            holders=people,
        )
    return matrix


def revise(
    matrix: Matrix,
    edits: Iterable[AnyEdit],
    *,
    expected: int | None,
    actor: AbstractBaseUser,
    reason: str = "",
) -> MatrixVersion:
    """Makes many changes at once, all or none, and keeps the result as a new version.

    `expected` is the number of the version that the changes were thought out on; if somebody saved
    since, this is a `Conflict` whose reasons are what they changed. None takes the matrix as it is.
    Letters that break R1 to R3 may be saved: what depends on them is refused while they stand.
    Changes that change nothing return the version there is.
    """
    if len(reason) > MAX_REASON:
        raise Invalid(f"A reason has at most {MAX_REASON} characters.", field="reason")
    with _changing(matrix, signals.MATRIX_REVISED, actor=actor) as matrix:
        latest = queries.latest_version(matrix)
        if expected is not None and expected != latest.number:
            raise _overtaken(matrix, expected, latest)
        before = queries.snapshot(matrix)
        after = applied(before, edits)
        if after == before:
            return latest
        _refuse_to_orphan(matrix, before, after)
        _store(matrix, before, after)
        version = _keep_version(
            matrix, after, number=latest.number + 1, actor=actor, reason=reason
        )
        _tell(
            signals.MATRIX_REVISED,
            matrix,
            actor,
            number=version.number,
            reason=reason,
            changes=versions.changes(before, after),
            digest=version.digest,
            removed_roles=_gone(before, after, "roles", "code"),
            removed_activities=_gone(before, after, "activities", "key"),
        )
    return version


def restore(
    version: MatrixVersion, *, expected: int, actor: AbstractBaseUser, reason: str = ""
) -> MatrixVersion:
    """Makes the matrix what it was in an earlier version; a new version, nothing is rewritten."""
    now = queries.snapshot(version.matrix)
    edits = versions.difference(now, version.snapshot)
    reason = reason or f"As it was in version {version.number}"
    return revise(version.matrix, edits, expected=expected, actor=actor, reason=reason)


def add_components(
    matrix: Matrix, *, expected: int | None, actor: AbstractBaseUser
) -> MatrixVersion:
    """Adds the ten components of a machine-learning system that the matrix lacks, each with an owner."""
    edits = component_edits(queries.snapshot(matrix))
    reason = "The components of the system, each with an owner"
    return revise(matrix, edits, expected=expected, actor=actor, reason=reason)


def set_cell(
    activity: Activity, role: Role, letters: str, *, actor: AbstractBaseUser
) -> Cell | None:
    """Sets the letters of a role in an activity; an empty string takes them away."""
    if role.matrix_id != activity.matrix_id:
        raise Invalid("The role and the activity are in different matrices.", field="role")
    edit = Edit(activity.key, role.code, letters)
    revise(activity.matrix, [edit], expected=None, actor=actor)
    return Cell.objects.filter(activity=activity, role=role).first()


def assign(
    matrix: Matrix,
    role_code: str,
    user: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Holder:
    """Puts a person into a role, for good or from and until a moment; refuses an inactive account."""
    with _changing(matrix, signals.HOLDER_ASSIGNED, actor=actor) as matrix:
        role = role_in(matrix, role_code)
        if not user.is_active:
            raise Invalid(f"The account of {user} is not active.", field="user")
        check_time_in_role(since, until)
        same = {"role": role, "user": user, "since": since, "until": until, "team": None}
        if Holder.objects.filter(**same).exists():
            raise Conflict(f"{user} is {role} already.")
        holder, _created = Holder.objects.update_or_create(
            role=role,
            user=user,
            team=None,
            defaults={"assigned_by": actor, "since": since, "until": until},
        )
        data = {"role": role_code, "user": str(user), "until": until}
        if since is not None:
            data["since"] = since
        _tell(signals.HOLDER_ASSIGNED, matrix, actor, **data)
    return holder


def role_in(matrix: Matrix, code: str) -> Role:
    role = matrix.roles.filter(code=code).first()
    if role is None:
        raise NotFound(f"{matrix} has no role {code}.", field="role")
    return role


def check_time_in_role(since: datetime | None, until: datetime | None) -> None:
    check_period(
        since,
        until,
        over="The end of a role lies in the future.",
        backwards="A role ends after it begins.",
    )


def unassign(holder: Holder, *, actor: AbstractBaseUser) -> None:
    """Takes a person out of a role; who holds it as a member of a team leaves with the team only."""
    role, user = holder.role, holder.user
    with _changing(role.matrix, signals.HOLDER_UNASSIGNED, actor=actor) as matrix:
        if holder.team_id:
            raise Conflict(
                f"{user} holds it as a member of {holder.team}; take {user} out of the team, "
                "or the team out of the role."
            )
        gone, _by_model = Holder.objects.filter(pk=holder.pk).delete()
        if not gone:
            raise Conflict(f"{user} is no longer {role}.")
        _tell(signals.HOLDER_UNASSIGNED, matrix, actor, role=role.code, user=str(user))


@contextmanager
def _changing(matrix: Matrix, event: str, *, actor: AbstractBaseUser) -> Iterator[Matrix]:
    """Opens the transaction of a change on the locked matrix; a refusal is told after its rollback."""
    with told_when_refused(event, matrix, actor), transaction.atomic(durable=True):
        locked = Matrix.objects.select_for_update().get(pk=matrix.pk)
        require_change(actor, locked)
        yield locked


def _overtaken(matrix: Matrix, expected: int, latest: MatrixVersion) -> Conflict:
    """Says who saved meanwhile, when, and what they changed."""
    seen = matrix.versions.filter(number=expected).first()
    if seen is None:
        return Conflict(f"{matrix} has no version {expected}.", field="expected")
    people = matrix.versions.filter(number__gt=expected).order_by("number")
    names = dict.fromkeys(people.values_list("changed_by_name", flat=True))
    when = latest.at.astimezone(UTC).strftime("%-d %B %Y, %H:%M UTC")
    return Conflict(
        f"{' and '.join(filter(None, names)) or 'Somebody'} saved version {latest.number} "
        f"({when}) after you had begun on version {expected}; nothing was overwritten.",
        code="overtaken",
        reasons=versions.changes(seen.snapshot, latest.snapshot),
    )


def _refuse_to_orphan(matrix: Matrix, before: dict, after: dict) -> None:
    for code in _gone(before, after, "roles", "code"):
        in_role = {"role__matrix": matrix, "role__code": code}
        held = Holder.objects.current().filter(**in_role, team=None)
        teams = TeamHolder.objects.current().filter(**in_role)
        names = [str(holder.user) for holder in held.select_related("user")]
        names += [str(holder.team) for holder in teams.select_related("team")]
        if names:
            raise Conflict(
                f"{' and '.join(names)} hold{'s' if len(names) == 1 else ''} {code}; take them "
                "out of the role before you remove it.",
                field="role",
            )


def _gone(before: dict, after: dict, rows: str, name: str) -> list[str]:
    left = {row[name] for row in after[rows]}
    return [row[name] for row in before[rows] if row[name] not in left]


def _store(matrix: Matrix, before: dict, after: dict) -> None:
    """Writes the rows that differ."""
    if naming_of(before) != naming_of(after):
        matrix.naming = naming_of(after)
        matrix.save(update_fields=["naming"])
    roles = {
        row["code"]: Role(matrix=matrix, position=place, **row)
        for place, row in enumerate(after["roles"])
    }
    matrix.roles.exclude(code__in=roles).delete()
    _upsert(roles.values(), ["matrix", "code"], ["title", "position"])
    activities = {
        row["key"]: Activity(
            matrix=matrix,
            position=place,
            **{field: row[field] for field in ("key", "stage", "title", "segregated")},
        )
        for place, row in enumerate(after["activities"])
    }
    matrix.activities.exclude(key__in=activities).delete()
    _upsert(
        activities.values(), ["matrix", "key"], ["stage", "title", "segregated", "position"]
    )
    _store_cells(matrix, before, after)


def _store_cells(matrix: Matrix, before: dict, after: dict) -> None:
    was, now = versions.cells(before), versions.cells(after)
    activities = {one.key: one for one in matrix.activities.all()}
    roles = {one.code: one for one in matrix.roles.all()}
    for key, code in was.keys() - now.keys():
        Cell.objects.filter(
            activity__matrix=matrix, activity__key=key, role__code=code
        ).delete()
    cells = [
        Cell(activity=activities[key], role=roles[code], letters=letters)
        for (key, code), letters in now.items()
        if was.get((key, code)) != letters
    ]
    _upsert(cells, ["activity", "role"], ["letters"])


def _upsert(rows: Iterable[Model], names: list[str], values: list[str]) -> None:
    rows = list(rows)
    if rows:
        type(rows[0]).objects.bulk_create(
            rows, update_conflicts=True, unique_fields=names, update_fields=values
        )


def _keep_version(
    matrix: Matrix, snapshot: dict, *, number: int, actor: AbstractBaseUser | None, reason: str
) -> MatrixVersion:
    return MatrixVersion.objects.create(
        matrix=matrix,
        number=number,
        snapshot=snapshot,
        digest=versions.digest(snapshot),
        changed_by=actor,
        changed_by_name=str(actor)[:200] if actor else "",
        reason=reason,
    )


def _first_holders(
    roles: dict[str, Role],
    holders: Mapping[str, Iterable[AbstractBaseUser]],
    *,
    actor: AbstractBaseUser | None,
) -> None:
    unknown = sorted(set(holders) - set(roles))
    if unknown:
        raise NotFound(f"There is no role {', '.join(unknown)}.", field="holders")
    inactive = [user for users in holders.values() for user in users if not user.is_active]
    if inactive:
        raise Invalid(f"The account of {inactive[0]} is not active.", field="holders")
    Holder.objects.bulk_create(
        Holder(role=roles[code], user=user, assigned_by=actor)
        for code, users in holders.items()
        for user in users
    )


def _tell(event: str, matrix: Matrix, actor: AbstractBaseUser | None, **data: object) -> None:
    signals.changed.send(sender=Matrix, event=event, subject=matrix, actor=actor, data=data)
