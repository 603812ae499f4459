"""Which slices surely differ from the rest, when many are looked at; pure questions over figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from governance.metrics.statistics import Z95

LEVEL = 0.05
# The normal approximation behind the test needs rows; fewer prove nothing either way.
FEWEST_ROWS = 30


@dataclass(frozen=True)
class Sliced:
    """One metric on one slice with its interval, and the rows it stands on."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def error(self) -> float | None:
        """The standard error that the interval's width amounts to."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return (self.high - self.low) / (2 * Z95) or None


@dataclass(frozen=True)
class Standing:
    """Whether a slice differs from the rest: its p-value before and after Holm's correction."""

    p: float
    corrected: float
    is_above: bool

    @property
    def is_sure(self) -> bool:
        return self.corrected <= LEVEL

    def badge(self, direction: str) -> str:
        """Returns the words for a slice that surely differs; empty when it does not."""
        if not self.is_sure:
            return ""
        if direction not in ("higher", "lower"):
            return "higher than the rest" if self.is_above else "lower than the rest"
        return (
            "better than the rest"
            if self.is_above == (direction == "higher")
            else ("worse than the rest")
        )


def against_the_rest(slices: Sequence[Sliced], overall: Sliced) -> list[Standing | None]:
    """Tests every slice against all rows, Holm-corrected; None where nothing can be tested.

    A slice is part of all rows: for a mean, slice minus all has (1 - share) times the slice's
    variance, which is the test of the slice against the rest.
    """
    tested = [_p_value(one, overall) for one in slices]
    corrected = iter(holm([p for p in tested if p is not None]))
    return [
        None if p is None else Standing(p, next(corrected), is_above=one.value > overall.value)
        for one, p in zip(slices, tested, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns Holm's adjusted p-values (1979) in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def told(count: int) -> str:
    """Says how many comparisons were made."""
    return f"{count} comparison{'' if count == 1 else 's'}, Holm-corrected"


def _p_value(one: Sliced, overall: Sliced) -> float | None:
    """Two-sided; a slice of few rows or of all, or one without an interval, cannot be tested."""
    error = one.error
    share = one.n / overall.n if overall.n else 1.0
    if error is None or overall.value is None or share >= 1 or one.n < FEWEST_ROWS:
        return None
    z = (one.value - overall.value) / (error * sqrt(1 - share))
    return erfc(abs(z) / sqrt(2))
