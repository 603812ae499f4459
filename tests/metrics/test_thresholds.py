import numpy as np
import pytest

from governance.metrics import thresholds
from governance.metrics.tally import tally_rows

# Statlog German credit: to call a bad customer good costs 5, a good one bad 1.
GERMAN = {
    "true_positive": 0.0,
    "false_positive": 1.0,
    "true_negative": 0.0,
    "false_negative": 5.0,
}


def rows(count=400, seed=1):
    random = np.random.default_rng(seed)
    scores = np.round(random.beta(2, 4, count), 3)
    return scores, random.random(count) < scores


def brute(scores, labels, threshold, costs):
    decided = scores >= threshold
    names = np.where(
        labels,
        np.where(decided, "true_positive", "false_negative"),
        np.where(decided, "false_positive", "true_negative"),
    )
    return float(np.mean([costs[name] for name in names]))


def test_german_credit():
    assert thresholds.theoretical(GERMAN) == pytest.approx(1 / 6)
    labels = np.repeat([True, False], [300, 700])
    tally = tally_rows(np.linspace(0, 1, 1000), labels, 0.5)
    _, found = thresholds.costs_at_all(tally, GERMAN)
    assert found[-1] == pytest.approx(1.50)  # nobody is called bad: all are accepted
    assert found[0] == pytest.approx(0.70)


def test_no_threshold_is_best_where_one_decision_always_is():
    assert thresholds.theoretical({**GERMAN, "false_positive": -1.0}) is None
    assert thresholds.theoretical(dict.fromkeys(GERMAN, 1.0)) is None


@pytest.mark.parametrize("seed", range(5))
def test_costs_and_the_best_threshold_against_brute_force(seed):
    scores, labels = rows(seed=seed)
    costs = {**GERMAN, "true_positive": -0.5, "true_negative": 0.1}
    tally = tally_rows(scores, labels, 0.5)

    at, found = thresholds.costs_at_all(tally, costs)

    brutal = [brute(scores, labels, threshold, costs) for threshold in at]
    assert found == pytest.approx(brutal, abs=1e-12)
    best = thresholds.best(tally, costs)
    assert best.cost == pytest.approx(min(brutal))
    assert best.threshold.value == at[int(np.argmin(brutal))]
    assert best.threshold.low <= best.threshold.value <= best.threshold.high
    for threshold in (0.0, 0.1234, 0.5, 1.0):
        expected = brute(scores, labels, threshold, costs)
        assert thresholds.cost_at(tally, costs, threshold) == pytest.approx(expected)


def test_sensitivity_asks_every_ratio():
    scores, labels = rows()
    tally = tally_rows(scores, labels, 0.5)

    found = thresholds.sensitivity(tally, GERMAN, 0.5)

    assert [one.ratio for one in found] == list(range(2, 11))
    for one in found:
        costs = {**GERMAN, "false_negative": float(one.ratio)}
        assert one.cost == pytest.approx(
            min(brute(scores, labels, at, costs) for at in [*np.unique(scores), 1.1])
        )
        assert one.cost_in_force == pytest.approx(brute(scores, labels, 0.5, costs))
        assert one.cost <= min(one.all_positive, one.all_negative, one.cost_in_force)
    assert [one.threshold for one in found] == sorted(
        (one.threshold for one in found), reverse=True
    )


def test_the_interval_of_the_best_threshold_narrows_with_rows():
    few, many = (
        thresholds.best(tally_rows(*rows(count), 0.5), GERMAN).threshold
        for count in (100, 4000)
    )
    assert many.high - many.low < few.high - few.low
    assert many.low <= 1 / 6 <= many.high


def test_a_reduced_tally_keeps_its_costs_at_the_thresholds_left():
    scores, labels = rows(20_000)
    tally = tally_rows(scores + 1e-9 * np.arange(20_000) / 20_000, labels, 0.5)
    small = thresholds.reduced(tally, 500)

    assert len(small.scores) <= 500
    at, found = thresholds.costs_at_all(small, GERMAN)
    full = dict(zip(*thresholds.costs_at_all(tally, GERMAN), strict=True))
    assert found == pytest.approx([full[one] for one in at])


def test_a_winner_that_changes_with_the_costs_is_said():
    def found(*costs):
        return [
            thresholds.Sensitivity(ratio, 0.5, cost, cost, 1, 1)
            for ratio, cost in zip((2, 5, 10), costs, strict=True)
        ]

    changing = thresholds.winner_changes(found(1, 2, 3), found(2, 2, 2))
    assert "the first is cheaper at a ratio of 2, the second at 10" in changing
    assert "at every cost ratio" in thresholds.winner_changes(found(1, 1, 1), found(2, 2, 2))
    assert "the same" in thresholds.winner_changes(found(1, 1, 1), found(1, 1, 1))
