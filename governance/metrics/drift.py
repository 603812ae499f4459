"""How far two distributions over the same bins lie apart, and how far chance alone would put them.

Sources: PSI after Siddiqi (2006); its distribution without drift after Yurdakul & Naranjo (2020);
Jensen-Shannon divergence after Lin (1991), in bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

import numpy as np

# From so many rows on each side PSI is steady enough to be taken by its value alone.
STEADY_FROM = 500
RARE = 0.999
# Added to every bin, so that an empty one has a small share instead of none (Jeffreys).
HALF_A_ROW = 0.5


@dataclass(frozen=True)
class Drift:
    """Population stability index, Jensen-Shannon divergence, and the rows on both sides.

    `chance_psi` and `chance_js` are what only one of a thousand pairs of samples of these sizes
    exceeds when nothing has drifted.
    """

    psi: float
    js: float
    reference_rows: int
    rows: int
    chance_psi: float
    chance_js: float

    @property
    def fewest_rows(self) -> int:
        return min(self.reference_rows, self.rows)


def drift(reference: Sequence[int], present: Sequence[int]) -> Drift | None:
    """Returns the drift from one sample's counts to another's, bin by bin; None without rows."""
    before, now = np.asarray(reference, float), np.asarray(present, float)
    if not before.sum() or not now.sum():
        return None
    p, q = _shares(before), _shares(now)
    middle = (p + q) / 2
    psi = float(np.sum((q - p) * np.log(q / p)))
    js = float((np.sum(p * np.log2(p / middle)) + np.sum(q * np.log2(q / middle))) / 2)
    chance = chance_psi(int(before.sum()), int(now.sum()), len(before))
    # For a small distance PSI is Jeffreys' divergence, eight times that of Jensen and Shannon.
    chance_js = min(1.0, chance / (8 * log(2)))
    return Drift(psi, max(0.0, js), int(before.sum()), int(now.sum()), chance, chance_js)


def chance_psi(reference_rows: int, rows: int, bins: int, probability: float = RARE) -> float:
    """Returns the PSI that two samples without drift stay below with this probability."""
    return (1 / reference_rows + 1 / rows) * _chi_square(probability, max(1, bins - 1))


def _shares(counts: np.ndarray) -> np.ndarray:
    return (counts + HALF_A_ROW) / (counts.sum() + HALF_A_ROW * len(counts))


def _chi_square(probability: float, freedom: int) -> float:
    """Returns the quantile of chi-square after Wilson and Hilferty (1931)."""
    step = 2 / (9 * freedom)
    return freedom * (1 - step + NormalDist().inv_cdf(probability) * sqrt(step)) ** 3
