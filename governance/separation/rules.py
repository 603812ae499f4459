"""Who is kept from signing, and in whose place nobody may sign: pure functions of plain values.

A part reads after “You” and after a name alike: “registered the version”.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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
