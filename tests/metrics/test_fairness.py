import numpy as np
import pytest
from fairlearn import metrics as yardstick
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from governance.metrics.catalogue import measure
from governance.metrics.fairness import Group, fairness, gap
from governance.metrics.metric import Terms
from governance.metrics.statistics import Estimate, wilson
from governance.metrics.tally import tally_rows


@pytest.fixture(scope="module")
def real():
    """Breast cancers scored by a model of two features, in groups by a third one."""
    data = load_breast_cancer()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    scores = model.fit(data.data[:, :2], data.target).predict_proba(data.data[:, :2])[:, 1]
    groups = np.digitize(data.data[:, 9], np.quantile(data.data[:, 9], [0.33, 0.66]))
    return scores, data.target.astype(bool), groups


def groups_of(scores, labels, groups, favourable):
    return [
        Group(
            str(value),
            int((own := groups == value).sum()),
            int(labels[own].sum()),
            measure(
                "binary",
                tally_rows(scores[own], labels[own], 0.5),
                Terms(0.5, favourable=favourable),
            ),
        )
        for value in np.unique(groups)
    ]


@pytest.mark.parametrize("favourable", ["positive", "negative"])
def test_gaps_and_ratio_are_those_of_fairlearn(real, favourable):
    scores, labels, groups = real
    favour = scores >= 0.5 if favourable == "positive" else scores < 0.5
    deserving = labels if favourable == "positive" else ~labels
    asked = {"y_true": deserving, "y_pred": favour, "sensitive_features": groups}

    found = fairness("group", groups_of(*real, favourable), favourable)
    by_key = {one.key: one for one in found.comparisons}

    expected = {
        "selection_rate_ratio": yardstick.demographic_parity_ratio(**asked),
        "selection_rate_gap": yardstick.demographic_parity_difference(**asked),
        "equal_opportunity_gap": yardstick.equal_opportunity_difference(**asked),
        "equalised_odds_gap": yardstick.equalized_odds_difference(**asked),
        "predictive_parity_gap": yardstick.MetricFrame(
            metrics=lambda y_true, y_pred: (y_true & y_pred).sum() / y_pred.sum(), **asked
        ).difference(),
    }
    assert {key: one.value for key, one in by_key.items()} == pytest.approx(expected, abs=1e-9)
    assert all(one.low <= one.value <= one.high for one in found.comparisons)
    own = np.isin(
        groups.astype(str),
        [by_key["equal_opportunity_gap"].lowest, by_key["equal_opportunity_gap"].highest],
    )
    assert by_key["equal_opportunity_gap"].n == deserving[own].sum()
    own = np.isin(
        groups.astype(str),
        [by_key["predictive_parity_gap"].lowest, by_key["predictive_parity_gap"].highest],
    )
    assert by_key["predictive_parity_gap"].n == favour[own].sum()
    assert by_key["selection_rate_ratio"].method == "log ratio"
    assert by_key["selection_rate_gap"].method == "Newcombe"
    assert len(found.calibration) == 3 and not found.too_few


def test_few_are_named_instead_of_compared():
    few = Group("young", 29, 3, {"selection_rate": Estimate(0.1, 0.0, 0.3)})
    many = Group("old", 300, 30, {"selection_rate": Estimate(0.5, 0.4, 0.6)})

    found = fairness("age", [few, many], "negative")

    assert found.too_few == ["young (n=29)"]
    assert found.comparisons == []


def test_the_screening_value_is_said_of_the_ratio_only():
    one, other = (
        Group(name, 100, 10, {"selection_rate": Estimate(share, *wilson(100 * share, 100))})
        for name, share in (("a", 0.2), ("b", 0.4))
    )
    ratio, difference = fairness("age", [one, other], "negative").comparisons
    assert ratio.is_under_screening and not difference.is_under_screening
    assert (ratio.lowest, ratio.highest, ratio.n) == ("a", "b", 200)


def test_the_published_german_credit_ratio():
    """Acceptance at 1/6: 18 of 84 young, 125 of 316 others gives .54 [.35, .83]."""
    young, others = (
        Group(name, n, n // 3, {"selection_rate": Estimate(x / n, *wilson(x, n), "Wilson")})
        for name, x, n in (("25 or under", 18, 84), ("over 25", 125, 316))
    )
    ratio = fairness("age", [young, others], "negative").comparisons[0]
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.54, 0.35, 0.83), abs=0.005)


def test_newcombe_by_hand():
    """Newcombe (1998), 56/70 against 48/80: 0.2 [0.0524, 0.3339]."""
    high, low = (Estimate(x / n, *wilson(x, n)) for x, n in ((56, 70), (48, 80)))
    found = gap(high, low)
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.2, 0.0524, 0.3339), abs=5e-5
    )
