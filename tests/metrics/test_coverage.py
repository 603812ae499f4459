"""How often the intervals of yes-or-no metrics hold the truth, by simulation: 95 % is what they say."""

import numpy as np
import pytest

from governance.metrics import METRICS
from governance.metrics.metric import Terms
from governance.metrics.tally import tally_rows
from tests.evaluation.factories import COSTS

TERMS = Terms(threshold=0.4, costs=COSTS)
SIMULATED = (
    "auc",
    "pr_auc",
    "logloss",
    "brier",
    "recall",
    "precision",
    "f1",
    "balanced_accuracy",
    "calibration_in_the_large",
    "calibration_slope",
    "cost",
)
WORLDS, ROWS = 1500, 400


def world(random, rows):
    """Three in ten are positive and score higher, as far as chance allows."""
    labels = random.random(rows) < 0.3
    scores = np.where(labels, random.beta(3, 3, rows), random.beta(2, 4, rows))
    return tally_rows(scores, labels, TERMS.threshold)


@pytest.fixture(scope="module")
def held():
    """The share of worlds in which the interval held the truth, by metric."""
    everything = world(np.random.default_rng(0), 2_000_000)
    truth = {key: METRICS[key].compute(everything, TERMS).value for key in SIMULATED}
    random, hits = np.random.default_rng(20240101), dict.fromkeys(SIMULATED, 0)
    for _ in range(WORLDS):
        tally = world(random, ROWS)
        for key in SIMULATED:
            found = METRICS[key].compute(tally, TERMS)
            hits[key] += found.low <= truth[key] <= found.high
    return {key: hit / WORLDS for key, hit in hits.items()}


@pytest.mark.parametrize("metric", SIMULATED)
def test_intervals_hold_the_truth_as_often_as_they_say(held, metric):
    assert held[metric] == pytest.approx(0.95, abs=0.015)
