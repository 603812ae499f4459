"""Who stands on both sides of duties that are kept apart: pure functions of who carries what."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One person's letters in one activity; several where they come by several roles."""

    user_id: int
    activity: str
    title: str
    segregated: bool
    letters: str


def both_sides(
    parts: Iterable[Part], validation: str, building: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Pairs of a person and what they do, such as “is Accountable and Responsible for “…””.

    A validator may perform and answer for the validation; they may not also build.
    """
    duties: dict[tuple[int, str], set[str]] = defaultdict(set)
    known: dict[str, Part] = {}
    for part in parts:
        duties[part.user_id, part.activity] |= set(part.letters.split("/")) & {"A", "R"}
        known[part.activity] = part
    builders = {
        user for (user, activity), held in duties.items() if held and activity in building
    }
    for (user, activity), held in duties.items():
        part = known[activity]
        if activity == validation:
            if held and user in builders:
                yield user, f"builds the model and carries “{part.title}”"
        elif part.segregated and held == {"A", "R"}:
            yield user, f"is both Accountable and Responsible for “{part.title}”"
