"""The acts on who holds and who stands in: deputies, absences, handing over, accepting.

Who may: the person for themself, who may change the matrix for that matrix, and who may change
every matrix for anybody.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models, transaction
from django.utils import timezone

from raci import acceptance, signals
from raci.errors import Conflict, Invalid, NotAllowed
from raci.models import Absence, Acknowledgement, Deputy, Holder, Matrix
from raci.periods import check_period
from raci.queries import held_as_member, membership_sentence
from raci.refusals import told_when_refused
from raci.services import may_change
from raci.stand_ins import circle, circle_sentence

LONGEST_REASON = 500


@dataclass(frozen=True)
class Moved:
    """The roles that went from one person to another in one matrix, and those that stay by a team."""

    matrix: Matrix
    roles: list[str]
    stays: list[Holder] = field(default_factory=list)


def may_speak_for(actor: AbstractBaseUser, person: AbstractBaseUser) -> bool:
    """Whether the actor enters absences and deputies of this person: their own, or anybody's."""
    return actor.is_active and (actor.pk == person.pk or actor.has_perm("raci.change_matrix"))


def refuse_to_speak_for(actor: AbstractBaseUser, person: AbstractBaseUser) -> None:
    """Refuses whoever may not act for the person."""
    if not may_speak_for(actor, person):
        raise NotAllowed(f"Only {person} or an administrator acts for {person}.")


def name_deputy(
    person: AbstractBaseUser,
    deputy: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    matrix: Matrix | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Deputy:
    """Names who stands in for the person while they are away, in one matrix or in all."""
    with _deciding(signals.DEPUTY_NAMED, person, actor):
        allowed = may_speak_for(actor, person) or (matrix and may_change(actor, matrix))
        if not allowed:
            raise NotAllowed(f"Only {person} or an administrator names a deputy of {person}.")
        if deputy.pk == person.pk:
            raise Invalid("Nobody stands in for themself.", field="deputy")
        if not deputy.is_active:
            raise Invalid(f"The account of {deputy} is not active.", field="deputy")
        check_period(since, until)
        _lock_deputies()
        _refuse_circle(person, deputy)
        if Deputy.objects.not_over().filter(
            person=person, deputy=deputy, matrix=matrix, since=since, until=until
        ):
            raise Conflict(f"{deputy} stands in for {person} already.")
        made = Deputy.objects.create(
            person=person,
            deputy=deputy,
            matrix=matrix,
            since=since,
            until=until,
            named_by=actor,
        )
        _tell(
            signals.DEPUTY_NAMED,
            person,
            actor,
            deputy=str(deputy),
            username=deputy.get_username(),
            matrix=matrix.title if matrix else "",
            since=since,
            until=until,
        )
    return made


def end_deputy(deputy: Deputy, *, actor: AbstractBaseUser) -> None:
    """Ends it now; who stood in may give it up too."""
    person = deputy.person
    with _deciding(signals.DEPUTY_ENDED, person, actor):
        given_up = actor.pk == deputy.deputy_id
        allowed = deputy.matrix and may_change(actor, deputy.matrix)
        if not (given_up or allowed or may_speak_for(actor, person)):
            raise NotAllowed(f"Only {person} or an administrator ends a deputy of {person}.")
        _end(Deputy, deputy.pk, f"{deputy.deputy} no longer stands in for {person}.")
        _tell(signals.DEPUTY_ENDED, person, actor, deputy=str(deputy.deputy))


def enter_absence(
    person: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Absence:
    """Says that the person is away, from now or later; their deputies carry their duties then."""
    since = since or timezone.now()
    with _deciding(signals.ABSENCE_ENTERED, person, actor):
        if not may_speak_for(actor, person):
            raise NotAllowed(
                f"Only {person} or an administrator enters an absence of {person}."
            )
        check_period(since, until)
        get_user_model().objects.select_for_update().get(pk=person.pk)
        others = Absence.objects.not_over().filter(person=person)
        if until is not None:
            others = others.filter(since__lt=until)
        if others.filter(models.Q(until=None) | models.Q(until__gt=since)).exists():
            raise Conflict(f"{person} is away in that time already.")
        made = Absence.objects.create(person=person, since=since, until=until, entered_by=actor)
        _tell(signals.ABSENCE_ENTERED, person, actor, since=since, until=until)
    return made


def end_absence(absence: Absence, *, actor: AbstractBaseUser) -> None:
    """The person is back, or does not go away after all."""
    person = absence.person
    with _deciding(signals.ABSENCE_ENDED, person, actor):
        if not may_speak_for(actor, person):
            raise NotAllowed(f"Only {person} or an administrator ends an absence of {person}.")
        _end(Absence, absence.pk, f"{person} is back already.")
        _tell(signals.ABSENCE_ENDED, person, actor, since=absence.since)


def hand_over(
    person: AbstractBaseUser,
    to: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    reason: str,
    scope: str | None = None,
) -> list[Moved]:
    """Moves every role of a person to another, in one matrix or in all the actor may change.

    What they hold as a member of a team stays, and is answered too. What is open follows, since it is derived from the roles. Sends one signal a matrix.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why the roles are handed over.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"The reason is longer than {LONGEST_REASON} characters.", field="reason")
    if person.pk == to.pk:
        raise Invalid("The roles go to somebody else.", field="to")
    if not to.is_active:
        raise Invalid(f"The account of {to} is not active.", field="to")
    with _deciding(signals.HANDED_OVER, person, actor):
        held = Holder.objects.in_time().filter(user=person, team=None)
        if scope is not None:
            held = held.filter(role__matrix__scope=scope)
        if not held.exists():
            raise Conflict(
                f"{person} holds no role that could be handed over.",
                reasons=[membership_sentence(one) for one in held_as_member(person, scope)],
            )
        # one lock after the other in one order, so that two hand-overs never wait for each other
        matrices = Matrix.objects.select_for_update().order_by("pk")
        found = matrices.filter(pk__in=held.values("role__matrix"))
        allowed = [matrix for matrix in found if may_change(actor, matrix)]
        if not allowed:
            raise NotAllowed(
                f"You may not change a matrix in which {person} holds a role; that takes "
                "Responsible or Accountable for defining the use case, or an administrator."
            )
        moved = [_move(matrix, person, to, actor=actor, reason=reason) for matrix in allowed]
        return _with_stays(moved, held_as_member(person, scope))


def accept(user: AbstractBaseUser, matrix: Matrix, digest: str) -> Acknowledgement:
    """The person accepts what they carry in the matrix, as they have read it (`digest`)."""
    with transaction.atomic(durable=True):
        matrix = Matrix.objects.select_for_update().get(pk=matrix.pk)
        carried = acceptance.of_person(user, matrix)
        if carried is None:
            raise Conflict(f"You hold no role in {matrix}.")
        if carried.digest != digest:
            raise Conflict(
                "What you carry has changed since you opened the page; read it again.",
                code="stale",
            )
        if carried.is_accepted:
            raise Conflict("You have accepted these duties already.")
        made = Acknowledgement.objects.create(
            user=user, matrix=matrix, digest=digest, letters=carried.letters
        )
        signals.changed.send(
            sender=Matrix,
            event=signals.DUTIES_ACCEPTED,
            subject=matrix,
            actor=user,
            data={"digest": digest, "duties": len(carried.letters)},
        )
    return made


def _move(
    matrix: Matrix,
    person: AbstractBaseUser,
    to: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    reason: str,
) -> Moved:
    rows = Holder.objects.in_time().filter(user=person, role__matrix=matrix, team=None)
    rows = list(rows.select_related("role"))
    for row in rows:
        Holder.objects.update_or_create(
            role=row.role,
            user=to,
            team=None,
            defaults={"assigned_by": actor, "since": None, "until": row.until},
        )
    Holder.objects.filter(pk__in=[row.pk for row in rows]).delete()
    moved = Moved(matrix, [row.role.code for row in rows])
    signals.changed.send(
        sender=Matrix,
        event=signals.HANDED_OVER,
        subject=matrix,
        actor=actor,
        data={
            "person": str(person),
            "to": str(to),
            "usernames": [person.get_username(), to.get_username()],
            "roles": moved.roles,
            "reason": reason,
        },
    )
    return moved


def _with_stays(moved: list[Moved], held: Iterable[Holder]) -> list[Moved]:
    """What moved, and after it the matrices in which the person only stays."""
    stays: dict[Matrix, list[Holder]] = {}
    for one in held:
        stays.setdefault(one.role.matrix, []).append(one)
    told = [replace(one, stays=stays.pop(one.matrix, [])) for one in moved]
    return [*told, *(Moved(matrix, [], rows) for matrix, rows in stays.items())]


def _lock_deputies() -> None:
    """A circle may be closed by several people at once, so deputies are named one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE raci_deputy IN SHARE ROW EXCLUSIVE MODE")


def _refuse_circle(person: AbstractBaseUser, deputy: AbstractBaseUser) -> None:
    pairs = Deputy.objects.not_over().values_list("person_id", "deputy_id")
    back = circle(pairs, person.pk, deputy.pk)
    if back:
        people = get_user_model().objects.in_bulk(set(back))
        raise Conflict(circle_sentence([str(people[pk]) for pk in back]))


def _end(model: type[Deputy] | type[Absence], pk: int, over: str) -> None:
    """Removes what has not begun and ends what has; the trail keeps both."""
    now = timezone.now()
    row = model.objects.select_for_update().not_over().filter(pk=pk).first()
    if row is None:
        raise Conflict(over)
    begun = row.since if model is Absence else row.since or row.named_at
    if begun >= now:
        row.delete()
    else:
        row.until = now
        row.save(update_fields=["until"])


@contextmanager
def _deciding(event: str, person: AbstractBaseUser, actor: AbstractBaseUser) -> Iterator[None]:
    """Opens the transaction of a change about a person; a refusal is told after its rollback."""
    with told_when_refused(event, person, actor), transaction.atomic(durable=True):
        yield


def _tell(
    event: str, person: AbstractBaseUser, actor: AbstractBaseUser, **data: object
) -> None:
    signals.changed.send(
        sender=type(person), event=event, subject=person, actor=actor, data=data
    )
