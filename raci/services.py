"""The acts on matrices: creating, setting letters, naming people; the only writer of these tables."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from raci import signals
from raci.defaults import ROLE_TITLES, SEGREGATED, default_matrix
from raci.errors import Conflict, Invalid, NotAllowed, NotFound
from raci.models import Activity, Cell, Holder, Matrix, Role
from raci.rules import ALLOWED


def may_change(user: AbstractBaseUser, matrix: Matrix) -> bool:
    """Whether the person may change letters and holders: on this matrix, or on all."""
    return user.has_perm("raci.change_matrix") or user.has_perm("raci.change_matrix", matrix)


def create_matrix(
    scope: str,
    title: str,
    *,
    actor: AbstractBaseUser | None,
    template: str = "default",
    holders: Mapping[str, Iterable[AbstractBaseUser]] | None = None,
) -> Matrix:
    """Creates a matrix from a template with its first holders.

    Part of the transaction of whatever opens the scope, which also decides who may open one.
    """
    if template != "default":
        raise Invalid(f"There is no RACI template called {template}.", field="template")
    with transaction.atomic():
        if Matrix.objects.filter(scope=scope).exists():
            raise Conflict(f"There is a RACI matrix for {scope} already.")
        matrix = Matrix.objects.create(scope=scope, title=title)
        roles = _copy_default(matrix)
        _first_holders(roles, holders or {}, actor=actor)
        people = {code: [str(u) for u in users] for code, users in (holders or {}).items()}
        _tell(
            signals.MATRIX_CREATED,
            matrix,
            actor,
            scope=scope,
            template=template,
            holders=people,
        )
    return matrix


def set_cell(
    activity: Activity, role: Role, letters: str, *, actor: AbstractBaseUser
) -> Cell | None:
    """Sets the letters of a role in an activity; an empty string takes them away."""
    letters = _cleaned(letters)
    with _changing(activity.matrix, signals.CELL_CHANGED, actor=actor) as matrix:
        if role.matrix_id != activity.matrix_id:
            raise Invalid("The role and the activity are in different matrices.", field="role")
        cell = Cell.objects.filter(activity=activity, role=role).first()
        before = cell.letters if cell else ""
        cell = _write_cell(activity, role, letters)
        if before != letters:
            _tell(
                signals.CELL_CHANGED,
                matrix,
                actor,
                activity=activity.key,
                role=role.code,
                before=before,
                after=letters,
            )
    return cell


def assign(
    matrix: Matrix,
    role_code: str,
    user: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    until: datetime | None = None,
) -> Holder:
    """Puts a person into a role, for good or until a moment; refuses an inactive account."""
    with _changing(matrix, signals.HOLDER_ASSIGNED, actor=actor) as matrix:
        role = matrix.roles.filter(code=role_code).first()
        if role is None:
            raise NotFound(f"{matrix} has no role {role_code}.", field="role")
        if not user.is_active:
            raise Invalid(f"The account of {user} is not active.", field="user")
        if until is not None and until <= timezone.now():
            raise Invalid("The end of a role lies in the future.", field="until")
        if Holder.objects.current().filter(role=role, user=user, until=until).exists():
            raise Conflict(f"{user} is {role} already.")
        holder, _created = Holder.objects.update_or_create(
            role=role, user=user, defaults={"assigned_by": actor, "until": until}
        )
        _tell(
            signals.HOLDER_ASSIGNED, matrix, actor, role=role_code, user=str(user), until=until
        )
    return holder


def unassign(holder: Holder, *, actor: AbstractBaseUser) -> None:
    """Takes a person out of a role."""
    role, user = holder.role, holder.user
    with _changing(role.matrix, signals.HOLDER_UNASSIGNED, actor=actor) as matrix:
        gone, _by_model = Holder.objects.filter(pk=holder.pk).delete()
        if not gone:
            raise Conflict(f"{user} is no longer {role}.")
        _tell(signals.HOLDER_UNASSIGNED, matrix, actor, role=role.code, user=str(user))


@contextmanager
def _changing(matrix: Matrix, event: str, *, actor: AbstractBaseUser) -> Iterator[Matrix]:
    """Opens the transaction of a change on the locked matrix; a refusal is told after its rollback."""
    try:
        with transaction.atomic(durable=True):
            matrix = Matrix.objects.select_for_update().get(pk=matrix.pk)
            if not may_change(actor, matrix):
                raise NotAllowed(
                    f"You may not change {matrix}; that takes Responsible or Accountable for "
                    "defining the use case, or an administrator."
                )
            yield matrix
    except (NotAllowed, Conflict) as refusal:
        signals.refused.send(
            sender=Matrix, event=event, subject=matrix, actor=actor, reasons=[refusal.sentence]
        )
        raise


def _cleaned(letters: str) -> str:
    letters = letters.strip().upper()
    letters = "A/R" if letters in {"R/A", "AR", "RA"} else letters
    if letters and letters not in ALLOWED:
        raise Invalid(
            f"“{letters}” is not allowed; use R, A, C, I or A/R.", code="R4", field="letters"
        )
    return letters


def _write_cell(activity: Activity, role: Role, letters: str) -> Cell | None:
    if not letters:
        Cell.objects.filter(activity=activity, role=role).delete()
        return None
    cell, _created = Cell.objects.update_or_create(
        activity=activity, role=role, defaults={"letters": letters}
    )
    return cell


def _copy_default(matrix: Matrix) -> dict[str, Role]:
    default = default_matrix()
    roles = Role.objects.bulk_create(
        Role(matrix=matrix, code=code, title=ROLE_TITLES[code], position=position)
        for position, code in enumerate(default["roles"])
    )
    by_code = {role.code: role for role in roles}
    activities = Activity.objects.bulk_create(
        Activity(
            matrix=matrix,
            key=row["key"],
            stage=row["stage"],
            title=row["title"],
            segregated=row["key"] in SEGREGATED,
            position=position,
        )
        for position, row in enumerate(default["activities"])
    )
    Cell.objects.bulk_create(
        Cell(activity=activity, role=by_code[code], letters=letters)
        for activity, row in zip(activities, default["activities"], strict=True)
        for code, letters in row["cells"].items()
    )
    return by_code


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
