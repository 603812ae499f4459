import warnings

import numpy as np
import pytest
import sklearn.metrics as peer
from hypothesis import given
from hypothesis import strategies as st

from governance.evaluation.metrics import METRICS, Terms, measure
from governance.evaluation.tally import tally_rows
from tests.evaluation.factories import COSTS

probabilities = st.one_of(
    st.sampled_from([0.0, 0.1, 0.3, 0.5, 1 / 6, 1.0]), st.floats(0, 1), st.floats(0, 1e-9)
)
rows_of_both_classes = st.lists(
    st.tuples(probabilities, st.booleans()), min_size=10, max_size=60
).filter(lambda rows: 0 < sum(label for _, label in rows) < len(rows))


def values(scores, labels, **terms):
    terms = Terms(**{"costs": COSTS, **terms})
    tally = tally_rows(np.asarray(scores), np.asarray(labels), terms.threshold)
    return {key: estimate.value for key, estimate in measure(tally, terms).items()}


def naive_ece(scores, labels, bins=10):
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    own = [bin_of == b for b in range(bins)]
    return sum(
        mine.mean() * abs(labels[mine].mean() - scores[mine].mean())
        for mine in own
        if mine.any()
    )


@given(rows_of_both_classes, st.sampled_from([0.0, 1 / 6, 0.3, 0.5, 1.0]))
def test_every_metric_agrees_with_scikit_learn(rows, threshold):
    scores = np.array([score for score, _ in rows])
    labels = np.array([label for _, label in rows])
    decided = scores >= threshold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "auc": peer.roc_auc_score(labels, scores),
            "pr_auc": peer.average_precision_score(labels, scores),
            "logloss": peer.log_loss(labels, scores),
            "brier": peer.brier_score_loss(labels, scores),
            "accuracy": peer.accuracy_score(labels, decided),
            "recall": peer.recall_score(labels, decided),
            "f1": peer.f1_score(labels, decided),
            "ece": naive_ece(scores, labels),
            "selection_rate": 1 - decided.mean(),
        }

    found = values(scores, labels, threshold=threshold)

    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-12), key


@given(rows_of_both_classes)
def test_every_interval_holds_its_value(rows):
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    terms = Terms(costs=COSTS)

    found = measure(tally_rows(scores, labels, 0.5), terms)

    for key, estimate in found.items():
        if estimate.has_interval:
            assert estimate.low - 1e-12 <= estimate.value <= estimate.high + 1e-12, key


def test_precision_is_undefined_when_nothing_is_predicted_positive():
    assert values([0.1] * 20, [True, False] * 10)["precision"] is None


def test_cost_is_the_mean_of_what_each_decision_costs():
    scores = [0.9] * 4 + [0.1] * 6
    labels = [True] * 3 + [False] + [True] * 2 + [False] * 4

    found = values(scores, labels)

    assert found["cost"] == pytest.approx((1 * 1 + 2 * 5) / 10)
    assert found["cost_accept_all"] == pytest.approx(5 * 5 / 10)
    assert found["cost_reject_all"] == pytest.approx(5 / 10)


def test_what_is_favourable_turns_selection_and_accepting_everyone():
    scores, labels = [0.9] * 4 + [0.1] * 6, [True] * 5 + [False] * 5

    negative, positive = (
        values(scores, labels, favourable=f) for f in ("negative", "positive")
    )

    assert (negative["selection_rate"], positive["selection_rate"]) == (0.6, 0.4)
    assert negative["cost_accept_all"] == positive["cost_reject_all"]


def test_without_costs_no_cost_is_measured():
    assert not [
        key for key in values([0.1, 0.9] * 9, [False, True] * 9, costs={}) if "cost" in key
    ]


def test_a_score_on_the_threshold_is_a_positive_decision():
    assert values([0.5] * 20, [True, False] * 10, threshold=0.5)["recall"] == 1


def test_figures_of_fewer_than_ten_rows_are_hidden():
    found = measure(tally_rows(np.full(9, 0.5), np.arange(9) > 4, 0.5), Terms(costs=COSTS))

    assert {(e.value, e.method) for e in found.values()} == {(None, "hidden")}


def test_one_class_in_a_slice_leaves_what_needs_both_undefined():
    found = values([0.2] * 12, [False] * 12)

    assert [found[key] for key in ("auc", "pr_auc", "recall", "brier_skill")] == [None] * 4
    assert found["fpr"] == 0


def test_every_metric_says_what_it_is():
    assert all(metric.title and metric.description for metric in METRICS.values())
    assert {metric.direction for metric in METRICS.values()} == {"", "higher", "lower"}
