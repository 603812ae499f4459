"""How scores are put into bins when there are too many rows to rank one by one; reads no rows.

First a fine grid that is the same for every data set: even steps in the middle, even steps of the
logarithm near 0 and 1, where the scores of rare events crowd. Then, from the counts on that grid,
bins of equal mass for the slices.
"""

from dataclasses import dataclass
from math import log

import numpy as np

TAIL = 65_536
MIDDLE = 131_072
FINE = TAIL + MIDDLE + TAIL
BINS = 4_096

# Tails begin at 2^-8 from either end and reach to 2^-60, beyond which a double near 1 says nothing.
EDGE = 2.0**-8
SMALLEST = 2.0**-60
PER_OCTAVE = 1_260


def fine_code(score: str) -> str:
    """Returns the SQL of the grid position of a score, which never falls when the score rises."""
    middle = f"{TAIL} + ({score} - {EDGE!r}) * {(MIDDLE - 1) / (1 - 2 * EDGE)!r}"
    return (
        f"CASE WHEN {score} < {EDGE!r} THEN {TAIL - 1} - {_depth(score)} "
        f"WHEN {score} > {1 - EDGE!r} THEN {TAIL + MIDDLE} + {_depth(f'(1 - {score})')} "
        f"ELSE floor({middle})::INTEGER END"
    )


def _depth(distance: str) -> str:
    """How many steps of the logarithm the distance from the end lies beyond the edge."""
    octaves = f"ln(greatest({distance}, {SMALLEST!r})) * {1 / log(2)!r} + 8"
    return f"least({TAIL - 1}, floor(-({octaves}) * {PER_OCTAVE}))::INTEGER"


@dataclass(frozen=True)
class Grid:
    """The occupied positions of the fine grid, rising, with their rows and score ranges."""

    codes: np.ndarray
    rows: np.ndarray
    positives: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    @property
    def single(self) -> np.ndarray:
        return self.lowest == self.highest

    @property
    def scores(self) -> np.ndarray:
        return (self.lowest + self.highest) / 2

    def merged(self, bins: int = BINS) -> tuple["Grid", np.ndarray]:
        """Merges neighbours into at most so many bins of equal mass; also returns each one's bin.

        Mass is shared between rows, positives, so that rare ones spread too, and the logarithm of
        the rank from the top, since precision hangs on the order of the first few.
        """
        reached = np.cumsum(self.rows[::-1])[::-1]
        above = np.maximum(reached - self.rows, 0.5)
        shares = (self.rows, self.positives, np.log(reached / above))
        mass = sum(share / share.sum() for share in shares) / len(shares)
        middle = np.cumsum(mass) - mass / 2
        _, bin_of = np.unique((middle * bins).astype(np.int64), return_inverse=True)
        if len(self.codes) <= bins:
            bin_of = np.arange(len(self.codes))
        first = np.flatnonzero(np.diff(bin_of, prepend=-1))
        last = np.append(first[1:], len(bin_of)) - 1
        coarse = Grid(
            codes=np.arange(len(first)),
            rows=np.add.reduceat(self.rows, first),
            positives=np.add.reduceat(self.positives, first),
            lowest=self.lowest[first],
            highest=self.highest[last],
        )
        return coarse, bin_of
