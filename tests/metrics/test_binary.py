import warnings

import numpy as np
import pytest
import sklearn.metrics as peer
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression

from governance.metrics import METRICS
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms
from governance.metrics.tally import tally_rows
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
    return {key: estimate.value for key, estimate in measure("binary", tally, terms).items()}


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
            "ks": ks_2samp(scores[labels], scores[~labels]).statistic,
            "gini": 2 * peer.roc_auc_score(labels, scores) - 1,
            "balanced_accuracy": peer.balanced_accuracy_score(labels, decided),
            "specificity": peer.recall_score(labels, decided, pos_label=False),
            "fnr": 1 - peer.recall_score(labels, decided),
            "selection_rate": 1 - decided.mean(),
        }

    found = values(scores, labels, threshold=threshold)

    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-12), key


@given(rows_of_both_classes)
def test_every_interval_holds_its_value(rows):
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    terms = Terms(costs=COSTS)

    found = measure("binary", tally_rows(scores, labels, 0.5), terms)

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
    found = measure(
        "binary", tally_rows(np.full(9, 0.5), np.arange(9) > 4, 0.5), Terms(costs=COSTS)
    )

    assert {(e.value, e.method) for e in found.values()} == {(None, "hidden")}


def test_one_class_in_a_slice_leaves_what_needs_both_undefined():
    found = values([0.2] * 12, [False] * 12)

    assert [found[key] for key in ("auc", "pr_auc", "recall", "brier_skill")] == [None] * 4
    assert found["fpr"] == 0


def test_every_metric_says_what_it_is():
    assert all(metric.title and metric.description for metric in METRICS.values())
    assert {metric.direction for metric in METRICS.values()} == {"", "higher", "lower"}


def test_the_matthews_correlation_agrees_with_scikit_learn():
    random = np.random.default_rng(3)
    scores = random.random(200)
    labels = random.random(200) < scores

    assert values(scores, labels)["mcc"] == pytest.approx(
        peer.matthews_corrcoef(labels, scores >= 0.5), abs=1e-12
    )


def test_the_calibration_line_is_that_of_a_logistic_regression():
    random = np.random.default_rng(4)
    scores = random.beta(2, 3, 2000)
    labels = random.random(2000) < scores**1.3
    peers = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    peers.fit(np.log(scores / (1 - scores))[:, None], labels)

    found = values(scores, labels)

    assert found["calibration_slope"] == pytest.approx(peers.coef_[0, 0], abs=1e-5)
    assert found["calibration_intercept"] == pytest.approx(peers.intercept_[0], abs=1e-5)


def test_classes_that_lie_apart_have_no_calibration_line():
    found = values([0.1] * 10 + [0.9] * 10, [False] * 10 + [True] * 10)

    assert found["calibration_slope"] is None


@given(rows_of_both_classes, st.integers(0, 1000))
def test_weighted_metrics_agree_with_scikit_learn(rows, seed):
    scores = np.array([score for score, _ in rows])
    labels = np.array([label for _, label in rows])
    weights = np.random.default_rng(seed).uniform(0.1, 5, len(rows))
    decided, by = scores >= 0.5, {"sample_weight": weights}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "prevalence": np.average(labels, weights=weights),
            "auc": peer.roc_auc_score(labels, scores, **by),
            "pr_auc": peer.average_precision_score(labels, scores, **by),
            "logloss": peer.log_loss(labels, scores, **by),
            "brier": peer.brier_score_loss(labels, scores, **by),
            "accuracy": peer.accuracy_score(labels, decided, **by),
            "recall": peer.recall_score(labels, decided, **by),
            "f1": peer.f1_score(labels, decided, **by),
            "selection_rate": 1 - np.average(decided, weights=weights),
        }

    tally = tally_rows(scores, labels, 0.5, weights)
    found = measure("binary", tally, Terms())

    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, rel=1e-9, abs=1e-12), key
    assert found["n"].value == len(rows)


def test_equal_weights_change_no_figure_and_no_interval():
    random = np.random.default_rng(5)
    scores = random.random(100)
    labels = random.random(100) < scores

    plain = measure("binary", tally_rows(scores, labels, 0.5), Terms(costs=COSTS))
    weighted = measure(
        "binary", tally_rows(scores, labels, 0.5, np.full(100, 3.0)), Terms(costs=COSTS)
    )

    for key in plain.keys() - {"n", "cost_total"}:
        assert weighted[key].value == pytest.approx(plain[key].value), key
        assert weighted[key].low == pytest.approx(plain[key].low), key


def test_costs_of_each_row_add_up():
    scores, labels = np.array([0.2, 0.8] * 10), np.array([True, False] * 10)
    lost, spent = np.arange(20.0), np.full(20, 2.0)
    of_positive = np.where(labels, 0, spent)
    of_negative = np.where(labels, lost, 0)

    tally = tally_rows(scores, labels, 0.5, costs=(of_positive, of_negative))
    found = measure("binary", tally, Terms())

    assert found["cost_total"].value == pytest.approx(lost[::2].sum() + 2 * 10)
    assert found["cost"].value == pytest.approx(found["cost_total"].value / 20)
    assert found["cost_accept_all"].value == pytest.approx(lost[::2].sum() / 20)
    assert found["cost_reject_all"].value == pytest.approx(1)
