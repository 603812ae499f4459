"""Who may stand in for whom: pure functions of pairs, no database."""

import itertools
from collections.abc import Iterable, Sequence


def circle(pairs: Iterable[tuple[int, int]], person: int, deputy: int) -> list[int]:
    """The way back from the deputy to the person over existing (person, deputy) pairs; empty if none.

    It starts with the person and ends with them: naming the deputy would close it.
    """
    after: dict[int, list[int]] = {}
    for one, other in pairs:
        after.setdefault(one, []).append(other)
    came_from: dict[int, int] = {deputy: person}
    waiting = [deputy]
    while waiting:
        one = waiting.pop(0)
        if one == person:
            break
        for other in after.get(one, []):
            if other not in came_from:
                came_from[other] = one
                waiting.append(other)
    if person not in came_from:
        return []
    back = [person, came_from[person]]
    while back[-1] != person:
        back.append(came_from[back[-1]])
    return back[::-1]


def circle_sentence(names: Sequence[str]) -> str:
    """Says “Bea would stand in for Mo, who stands in for Bea: …”; names as `circle` gives them."""
    # Each name is followed by who stands in for it.
    told = "; ".join(
        f"{deputy} stands in for {person}" for person, deputy in itertools.pairwise(names)
    )
    return f"Deputies would go round in a circle: {told}."
