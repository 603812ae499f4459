"""What a threshold costs: the best one, how sure that is, and how it moves with the costs.

Decisions are positive at or above the threshold. Costs are those of the four outcomes, constant
for all rows; thresholds are looked at between all scores that occur.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from governance.metrics import bootstrap
from governance.metrics.binary import OUTCOMES
from governance.metrics.statistics import Estimate
from governance.metrics.tally import Tally

RATIOS = tuple(range(2, 11))
# No score is above it: at this threshold everybody is decided negative.
NOBODY = 1.0000001
# Among so many thresholds the best one is drawn again and again.
MOST_THRESHOLDS = 500


@dataclass(frozen=True)
class Best:
    """The cheapest threshold with its interval, and what it costs per case."""

    threshold: Estimate
    cost: float


@dataclass(frozen=True)
class Sensitivity:
    """The cheapest threshold if a missed positive costs `ratio` times a false alarm."""

    ratio: float
    threshold: float
    cost: float
    cost_in_force: float
    all_positive: float
    all_negative: float


def theoretical(costs: dict[str, float]) -> float | None:
    """The threshold that costs least if scores are true probabilities (Elkan 2001).

    Nothing where the costs make no threshold best: one of the decisions is then always cheaper.
    """
    hit, alarm, spared, miss = (float(costs[outcome]) for outcome in OUTCOMES)
    whole = (alarm - spared) + (miss - hit)
    if whole <= 0 or alarm < spared or miss < hit:
        return None
    return (alarm - spared) / whole


def costs_at_all(tally: Tally, costs: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Returns every threshold that decides otherwise than the one before, and its cost per case.

    The first threshold is the lowest score (everybody is positive), the last is above all scores.
    """
    positives, negatives = tally.positives[None, :], tally.negatives[None, :]
    found = _totals(positives, negatives, costs)[0] / tally.n
    return np.append(tally.scores, NOBODY), found


def best(tally: Tally, costs: dict[str, float]) -> Best:
    """Returns the cheapest threshold with its bootstrap interval; of equal ones the lowest.

    The interval is drawn among at most five hundred thresholds, and widened to hold the value.
    """
    thresholds, found = costs_at_all(tally, costs)
    place = int(found.argmin())
    value = min(float(thresholds[place]), 1.0)
    small = reduced(tally, MOST_THRESHOLDS)
    among = np.append(small.scores, NOBODY)

    def cheapest(drawn: list[np.ndarray]) -> np.ndarray:
        return np.minimum(among[_totals(*drawn, costs).argmin(axis=1)], 1.0)

    strata = [np.asarray(small.effective_positives), np.asarray(small.effective_negatives)]
    drawn = bootstrap.estimate(value, strata, cheapest)
    if drawn.has_interval:
        drawn = replace(drawn, low=min(drawn.low, value), high=max(drawn.high, value))
    return Best(drawn, float(found[place]))


def sensitivity(
    tally: Tally, costs: dict[str, float], threshold: float, ratios: Sequence[float] = RATIOS
) -> list[Sensitivity]:
    """Returns the best threshold for each ratio of a missed positive's cost to a false alarm's."""
    return [_sensitivity(tally, with_ratio(costs, ratio), threshold, ratio) for ratio in ratios]


def with_ratio(costs: dict[str, float], ratio: float) -> dict[str, float]:
    """The same costs, but a missed positive costs so many times what a false alarm does.

    Both are counted from the right decision: C_FN - C_TP = ratio × (C_FP - C_TN).
    """
    alarm = costs["false_positive"] - costs["true_negative"]
    return {**costs, "false_negative": costs["true_positive"] + ratio * alarm}


def cost_at(tally: Tally, costs: dict[str, float], threshold: float) -> float:
    """Returns the cost per case at one threshold."""
    thresholds, found = costs_at_all(tally, costs)
    return float(found[np.searchsorted(thresholds[:-1], threshold)])


def reduced(tally: Tally, most: int) -> Tally:
    """Joins neighbouring scores into at most so many groups of about as many rows each.

    A group stands at its lowest score, so that each remaining threshold keeps its exact cost.
    """
    if len(tally.scores) <= most:
        return tally
    counted = np.cumsum(tally.positives + tally.negatives)
    place = np.minimum((counted - 1e-9) * most / counted[-1], most - 1).astype(np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(place)) + 1])
    return replace(
        tally,
        scores=tally.scores[starts],
        positives=np.add.reduceat(tally.positives, starts),
        negatives=np.add.reduceat(tally.negatives, starts),
        single=np.zeros(len(starts), dtype=bool),
        worth=None,
    )


def winner_changes(first: Sequence[Sensitivity], second: Sequence[Sensitivity]) -> str:
    """Says whether the cheaper of two versions depends on what a miss costs."""
    signs = [
        (one.ratio, float(np.sign(round(one.cost - other.cost, 12))))
        for one, other in zip(first, second, strict=True)
    ]
    wins = {
        "first": [ratio for ratio, sign in signs if sign < 0],
        "second": [ratio for ratio, sign in signs if sign > 0],
    }
    if wins["first"] and wins["second"]:
        return (
            "By the values alone the winner changes with the costs: the first is cheaper at a "
            "ratio of "
            f"{_listed(wins['first'])}, the second at {_listed(wins['second'])}."
        )
    if not wins["first"] and not wins["second"]:
        return "Both cost the same whatever a miss costs."
    winner = next(side for side in wins if wins[side])
    return f"By the values alone the {winner} is cheaper, or as cheap, at every cost ratio."


def _listed(ratios: Sequence[float]) -> str:
    return ", ".join(f"{ratio:g}" for ratio in ratios)


def _sensitivity(
    tally: Tally, costs: dict[str, float], threshold: float, ratio: float
) -> Sensitivity:
    thresholds, found = costs_at_all(tally, costs)
    place = int(found.argmin())
    return Sensitivity(
        ratio=float(ratio),
        threshold=min(float(thresholds[place]), 1.0),
        cost=float(found[place]),
        cost_in_force=cost_at(tally, costs, threshold),
        all_positive=float(found[0]),
        all_negative=float(found[-1]),
    )


def _totals(
    positives: np.ndarray, negatives: np.ndarray, costs: dict[str, float]
) -> np.ndarray:
    """Total cost at every threshold, one row a draw: groups under the threshold are negative."""
    hit, alarm, spared, miss = (float(costs[outcome]) for outcome in OUTCOMES)
    under_positive, under_negative = (_under(counts) for counts in (positives, negatives))
    all_positive, all_negative = under_positive[:, -1:], under_negative[:, -1:]
    return (
        miss * under_positive
        + hit * (all_positive - under_positive)
        + spared * under_negative
        + alarm * (all_negative - under_negative)
    )


def _under(counts: np.ndarray) -> np.ndarray:
    nothing = np.zeros((len(counts), 1))
    return np.concatenate([nothing, np.cumsum(counts, axis=1)], axis=1)
