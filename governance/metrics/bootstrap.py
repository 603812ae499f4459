"""Seeded, stratified bootstrap from counts: as exact as drawing rows again, and cheap at any size.

Drawing rows with replacement inside a class draws the counts of its cells from a multinomial. So
whatever is a function of counts (decisions, groups of equal scores) is drawn as counts.
"""

from collections.abc import Callable, Sequence

import numpy as np

from governance.metrics.statistics import Estimate

DRAWS = 2000
SEED = 20240101
METHOD = f"bootstrap {DRAWS:,}, seed {SEED}, stratified"
# Cells of all strata together; beyond it draws would cost more than a measurement.
MOST_CELLS = 5_000
# Draws are made in parts of about this many numbers, so that memory stays bounded.
PART = 250_000

Statistic = Callable[[list[np.ndarray]], np.ndarray]


def interval_of(
    strata: Sequence[np.ndarray], statistic: Statistic
) -> tuple[float, float] | None:
    """Returns the 95 % percentile interval of a statistic of counts; None where it is undefined.

    Each stratum is an array of counts, kept at its size. `statistic` takes one array a stratum
    (draws × cells) and returns one value a draw; values that are not numbers are left out as long
    as they are few (5 %).
    """
    cells = sum(map(len, strata))
    if not cells or cells > MOST_CELLS:
        return None
    random = np.random.default_rng(SEED)
    found = []
    for size in _parts(cells):
        drawn = [_drawn(random, counts, size) for counts in strata]
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.asarray(statistic(drawn), dtype=float))
    values = np.concatenate(found)
    values = values[np.isfinite(values)]
    if len(values) < 0.95 * DRAWS:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def estimate(
    value: float | None, strata: Sequence[np.ndarray], statistic: Statistic
) -> Estimate:
    """Joins a value with its bootstrap interval, or says that there is none."""
    if value is None or not np.isfinite(value):
        return Estimate(None, method="undefined")
    ends = interval_of(strata, statistic)
    if ends is None:
        return Estimate(value, method=why_none(strata))
    return Estimate(value, *ends, METHOD)


def why_none(strata: Sequence[np.ndarray]) -> str:
    if sum(map(len, strata)) > MOST_CELLS:
        return f"no interval: more than {MOST_CELLS:,} groups to draw from"
    return "no interval: undefined in too many draws"


def _drawn(random: np.random.Generator, counts: np.ndarray, size: int) -> np.ndarray:
    """Counts may be weights of rows; as many equal rows are drawn as they amount to."""
    total = counts.sum()
    if not total:
        return np.zeros((size, len(counts)))
    return random.multinomial(round(float(total)), counts / total, size=size)


def _parts(cells: int) -> list[int]:
    each = max(1, min(DRAWS, PART // cells))
    whole, rest = divmod(DRAWS, each)
    return [each] * whole + ([rest] if rest else [])
