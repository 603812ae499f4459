"""Sums over all rows and over every slice at once, in one pass over the file."""

# The SQL inside comes from the kinds, which quote what is not theirs.
# ruff: noqa: S608

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from governance.evaluation.slices import Slicing

if TYPE_CHECKING:
    from governance.evaluation.engine import Run

Group = tuple[Slicing | None, int]


def grouped(
    run: "Run", sums: dict[str, str], by: Sequence[str] = ()
) -> dict[Group, list[dict[str, Any]]]:
    """Returns the sums by group: (None, 0) is all rows, (slicing, code) those of a slice.

    `by` splits every group further. All groupings share one scan (GROUPING SETS).
    """
    slicings = run.columns.slices
    codes = [
        f"coalesce({run.numbering.code(one)}, 0) AS c{i}" for i, one in enumerate(slicings)
    ]
    inner = ", ".join(["*", *codes])
    names = [f"c{i}" for i in range(len(slicings))]
    split = ", ".join(by)
    sets = ", ".join(f"({', '.join([*by, name])})" for name in names)
    sets = ", ".join(filter(None, [f"({split})", sets]))
    which = f"grouping({', '.join(names)})" if names else "0"
    parts = ", ".join(
        [*by, *names, f"{which} AS which", *(f"{sql} AS {name}" for name, sql in sums.items())]
    )
    found = run.session.dicts(
        f"SELECT {parts} FROM (SELECT {inner} FROM {run.rows.relation}) "
        f"GROUP BY GROUPING SETS ({sets}) ORDER BY ALL",
        run.rows.parameters,
    )
    return _by_group(found, slicings)


def _by_group(found: list[dict], slicings: Sequence[Slicing]) -> dict[Group, list[dict]]:
    """In grouping() the bit of a field is 0 where rows are grouped by it; the first bit is highest."""
    groups: dict[Group, list[dict]] = {}
    nothing = (1 << len(slicings)) - 1
    places = {nothing ^ (1 << (len(slicings) - 1 - i)): i for i in range(len(slicings))}
    for row in found:
        place = places.get(row["which"])
        group = (None, 0) if place is None else (slicings[place], int(row[f"c{place}"]))
        groups.setdefault(group, []).append(row)
    return groups


def named_groups(
    run: "Run", groups: dict[Group, list[dict]]
) -> Iterator[tuple[str, str, list[dict]]]:
    """Yields the slices in the order asked for, with their names and their rows of sums."""
    for slicing in run.columns.slices:
        own = sorted(code for one, code in groups if one == slicing)
        run.numbering.check_crossed(slicing, len(own))
        for code in own:
            yield slicing.title, run.numbering.named(slicing, code), groups[slicing, code]
