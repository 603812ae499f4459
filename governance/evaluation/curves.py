"""The bounded points of the charts of an evaluation, from the tally of all its rows; draws nothing."""

from dataclasses import asdict
from typing import Any

import numpy as np

from governance.metrics import binary, statistics, thresholds
from governance.metrics.metric import Terms
from governance.metrics.statistics import Estimate
from governance.metrics.tally import DECILES, Decisions, Tally

MOST_POINTS = 200
THRESHOLDS = [position / 100 for position in range(101)]
SCORE_BARS = 50

Points = list[dict[str, Any]]


def curves(tally: Tally, terms: Terms) -> dict[str, Points]:
    """Returns the points of every curve by its kind."""
    drawn = {
        "roc": roc(tally),
        "pr": precision_recall(tally),
        "calibration": calibration(tally),
        "scores": scores(tally),
    }
    if terms.costs or tally.worth:
        drawn["cost"] = cost(tally, terms)
    if terms.costs and not tally.worth:
        drawn["best"] = best(tally, terms)
        drawn["sensitivity"] = sensitivity(tally, terms)
    return drawn


def roc(tally: Tally) -> Points:
    """From the strictest threshold to the laxest, both corners included."""
    hits, false_alarms = _from_the_top(tally)
    return [
        {
            "threshold": _rounded(threshold),
            "fpr": _rounded(false_alarms[i] / tally.negative_count),
            "tpr": _rounded(hits[i] / tally.positive_count),
        }
        for i, threshold in _picked(tally, hits + false_alarms)
    ]


def precision_recall(tally: Tally) -> Points:
    hits, false_alarms = _from_the_top(tally)
    return [
        {
            "threshold": _rounded(threshold),
            "recall": _rounded(hits[i] / tally.positive_count),
            "precision": _rounded(hits[i] / (hits[i] + false_alarms[i])),
        }
        for i, threshold in _picked(tally, hits)
        if hits[i] + false_alarms[i]
    ]


def calibration(tally: Tally) -> Points:
    """Mean score and frequency in each tenth of [0, 1] that holds rows."""
    points = []
    for position, decile in enumerate(tally.deciles):
        if not decile.n:
            continue
        counts = decile.positives / tally.design, decile.n / tally.design
        low, high = statistics.wilson(*counts)
        points.append(
            {
                "from": position / DECILES,
                "to": (position + 1) / DECILES,
                "n": round(decile.n),
                "positives": round(decile.positives),
                "score": _rounded(decile.score_total / decile.n),
                "rate": _rounded(decile.positives / decile.n),
                "low": _rounded(low),
                "high": _rounded(high),
            }
        )
    return points


def cost(tally: Tally, terms: Terms) -> Points:
    """Cost per case at a hundred thresholds and at the one in force."""
    points = []
    for threshold in sorted({*THRESHOLDS, terms.threshold}):
        made, estimate = _cost_at(tally, terms, threshold)
        points.append(
            {
                "threshold": _rounded(threshold),
                "cost": _rounded(estimate.value),
                "low": _rounded(estimate.low),
                "high": _rounded(estimate.high),
                "predicted_positive": _rounded(made.predicted_positives / tally.n),
            }
        )
    return points


def best(tally: Tally, terms: Terms) -> Points:
    """The cheapest threshold with its interval, and the one that true probabilities would have."""
    found = thresholds.best(tally, terms.costs)
    ideal = thresholds.theoretical(terms.costs)
    return [
        {
            "threshold": _rounded(found.threshold.value),
            "low": _rounded(found.threshold.low),
            "high": _rounded(found.threshold.high),
            "method": found.threshold.method,
            "cost": _rounded(found.cost),
            "total": _rounded(found.cost * tally.n),
            "theoretical": _rounded(ideal),
        }
    ]


def sensitivity(tally: Tally, terms: Terms) -> Points:
    """For each ratio of costs: the cheapest threshold, and what it and the others would cost."""
    return [
        {key: _rounded(value) for key, value in asdict(one).items()}
        for one in thresholds.sensitivity(tally, terms.costs, terms.threshold)
    ]


def _cost_at(tally: Tally, terms: Terms, threshold: float) -> tuple[Decisions, Estimate]:
    """The decisions at a threshold and what they cost; with costs of each row without an interval."""
    in_force = threshold == terms.threshold
    made = tally.decisions if in_force else _decisions_at(tally, threshold)
    if tally.worth is None:
        return made, binary.cost_of(made, terms.costs, tally.design)
    worth = tally.worth
    if in_force:
        return made, statistics.mean(worth.total, worth.squares, tally.n, tally.design)
    start = int(np.searchsorted(tally.scores, threshold))
    total = worth.if_positive[start:].sum() + worth.if_negative[:start].sum()
    return made, Estimate(float(total) / tally.n)


def scores(tally: Tally) -> Points:
    """How many of each class score in each fiftieth of [0, 1]."""
    bars = np.minimum((tally.scores * SCORE_BARS).astype(int), SCORE_BARS - 1)
    positives = np.bincount(bars, weights=tally.positives, minlength=SCORE_BARS)
    negatives = np.bincount(bars, weights=tally.negatives, minlength=SCORE_BARS)
    return [
        {
            "from": i / SCORE_BARS,
            "to": (i + 1) / SCORE_BARS,
            "positives": int(positives[i]),
            "negatives": int(negatives[i]),
        }
        for i in range(SCORE_BARS)
    ]


def _from_the_top(tally: Tally) -> tuple[np.ndarray, np.ndarray]:
    """Positives and negatives at or above each score, strictest first, beginning with none."""
    hits = np.concatenate([[0], np.cumsum(tally.positives[::-1])])
    return hits, np.concatenate([[0], np.cumsum(tally.negatives[::-1])])


def _picked(tally: Tally, along: np.ndarray) -> list[tuple[int, float | None]]:
    """Positions evenly spread along a rising count, with their thresholds; the first has none."""
    spread = np.searchsorted(along, np.linspace(0, along[-1], MOST_POINTS - 1))
    ends = [0, len(along) - 1]
    wanted = np.unique(np.concatenate([ends, np.minimum(spread, len(along) - 1)]))
    return [(int(i), float(tally.scores[-i]) if i else None) for i in wanted]


def _decisions_at(tally: Tally, threshold: float) -> Decisions:
    start = int(np.searchsorted(tally.scores, threshold))
    hits = tally.positives[start:].sum().item()
    false_alarms = tally.negatives[start:].sum().item()
    return Decisions(
        hits, false_alarms, tally.negative_count - false_alarms, tally.positive_count - hits
    )


def _rounded(value: float | None) -> float | None:
    """Six digits draw any chart and keep the stored points small."""
    return None if value is None else float(f"{value:.6g}")
