"""Who is kept from signing, and in whose place nobody may sign: pure functions of plain values.

A part reads after “You” and after a name alike: “registered the version”.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from governance.accounts.models import User


class Contribution(NamedTuple):
    """One person's part in what is judged, or in the evidence for it."""

    user_id: int
    part: str


@dataclass(frozen=True)
class Capacity:
    """A duty that one person carries, and in whose place; `words` say it on the record."""

    words: str
    stands_for_id: int | None = None
    stands_for: str = ""
    role: str = ""
    letter: str = ""


@dataclass(frozen=True)
class Standing:
    """In which capacity a person may sign, if in any, and whose place they may not take."""

    capacity: Capacity | None = None
    refused: Sequence[str] = ()


@dataclass(frozen=True)
class Able:
    """Somebody who may sign, and in which capacity."""

    user: "User"
    capacity: Capacity


Parts = Mapping[int, Sequence[str]]
People = Iterable[tuple["User", Sequence[Capacity]]]


class Signing(Protocol):
    """What is asked here of a signature: who gave it, and in whose place."""

    user_id: int
    stands_for_id: int | None


def parts_of(contributions: Iterable[Contribution]) -> dict[int, list[str]]:
    """Each person's parts in the order given, each once."""
    found: dict[int, list[str]] = {}
    for user_id, part in contributions:
        parts = found.setdefault(user_id, [])
        if part not in parts:
            parts.append(part)
    return found


def standing(
    capacities: Iterable[Capacity], barred: Parts, spent: Collection[int] = ()
) -> Standing:
    """Takes the first capacity that is not in the place of somebody kept apart.

    `spent` are those for whom a signature stands already: nobody signs twice, not through others
    either. Whether the person themself is kept apart is not asked here.
    """
    refused = []
    for one in capacities:
        if one.stands_for_id in barred:
            refused.append(
                f"would sign for {one.stands_for}, who {barred[one.stands_for_id][0]}"
            )
        elif one.stands_for_id in spent:
            refused.append(
                f"would sign for {one.stands_for}, for whom a signature stands already"
            )
        else:
            return Standing(one)
    return Standing(refused=tuple(dict.fromkeys(refused)))


def kept_from(user_id: int, found: Standing, barred: Parts) -> str:
    """Why this person may not sign, after their name; nothing when they may."""
    if user_id in barred:
        return barred[user_id][0]
    return "" if found.capacity else " and ".join(found.refused)


def asked_by(
    user_id: int, name: str, in_place_of: Iterable[int], part: str
) -> list[Contribution]:
    """Who asked, and in whose place; what a deputy asks is asked by whom they stand in for, too."""
    others = (Contribution(pk, f"had it asked for by {name}") for pk in in_place_of)
    return [Contribution(user_id, part), *others]


def spent(signatures: Iterable[Signing]) -> set[int]:
    """For whom a signature stands: who signed, and in whose place they did."""
    return {pk for one in signatures for pk in (one.user_id, one.stands_for_id) if pk}


def by_person(carried: Iterable[tuple["User", Capacity]]) -> People:
    """Each person once, in this order, with every capacity in which they carry the duty."""
    people: dict[int, tuple[User, list[Capacity]]] = {}
    for user, capacity in carried:
        people.setdefault(user.pk, (user, []))[1].append(capacity)
    return list(people.values())


def able(people: People, barred: Parts, spent: Collection[int]) -> list[Able]:
    """Who of them is kept apart from nothing, and has not signed."""
    found = []
    for user, capacities in people:
        place = standing(capacities, barred, spent)
        if user.pk not in spent and not kept_from(user.pk, place, barred):
            found.append(Able(user, place.capacity))
    return found


def foreseen(people: People, barred: Parts) -> tuple[dict[int, str], dict[str, str]]:
    """Before anybody signs: the names of who may, by key, and why others may not, by name."""
    found = [
        (user, kept_from(user.pk, standing(capacities, barred), barred))
        for user, capacities in people
    ]
    return (
        {user.pk: user.display_name for user, why in found if not why},
        {user.display_name: why for user, why in found if why},
    )


def no_capacity(wanted: str, not_in_place_of: Sequence[str]) -> list[str]:
    """Says that one carries no duty at all, or none but for somebody who is kept apart themself."""
    if not not_in_place_of:
        return [f"You are not {wanted}."]
    return [f"You {why}, so you may not sign it." for why in not_in_place_of]
