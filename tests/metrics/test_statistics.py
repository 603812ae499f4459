import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.metrics import statistics
from governance.metrics.tally import tally_rows

few_values = st.lists(
    st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=40
).filter(lambda rows: 2 <= sum(label for _, label in rows) <= len(rows) - 2)


def naive_components(labels, scores):
    """DeLong's components by comparing every positive with every negative."""
    positives, negatives = scores[labels], scores[~labels]
    kernel = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    return kernel.mean(axis=1), kernel.mean(axis=0)


def naive_delong(labels, scores):
    v10, v01 = naive_components(labels, scores)
    return v10.mean(), v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01)


def delong(labels, scores):
    tally = tally_rows(scores, labels, 0.5)
    return statistics.delong(tally.positives, tally.negatives)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [
        (10, 0.49, 0.94),
        (30, 0.63, 0.91),
        (50, 0.67, 0.89),
        (100, 0.71, 0.87),
        (200, 0.74, 0.85),
        (400, 0.76, 0.84),
        (1000, 0.77, 0.82),
    ],
)
def test_wilson_agrees_with_the_table(n, low, high):
    found = statistics.wilson(round(0.8 * n), n)

    assert found == pytest.approx((low, high), abs=0.0055)


def test_wilson_touches_the_ends_exactly():
    assert statistics.wilson(0, 20)[0] == 0.0
    assert statistics.wilson(20, 20)[1] == 1.0


@given(few_values)
def test_delong_agrees_with_comparing_every_pair_even_with_ties(rows):
    scores = np.array([score / 6 for score, _ in rows])
    labels = np.array([label for _, label in rows])
    auc, variance = naive_delong(labels, scores)

    found = delong(labels, scores)

    assert found.value == pytest.approx(auc, abs=1e-12)
    if found.has_interval:
        half = statistics.Z95 * variance**0.5
        assert found.low == pytest.approx(max(0, auc - half), abs=1e-9)
        assert found.high == pytest.approx(min(1, auc + half), abs=1e-9)
    else:
        assert variance == pytest.approx(0, abs=1e-12)


@given(few_values, st.randoms(use_true_random=False))
def test_paired_delong_agrees_with_comparing_every_pair(rows, random):
    labels = np.array([label for _, label in rows])
    first = np.array([score / 6 for score, _ in rows])
    second = np.array([random.randint(0, 6) / 6 for _ in rows])
    pairs = zip(naive_components(labels, first), naive_components(labels, second), strict=True)
    differences = [a - b for a, b in pairs]
    variance = sum(d.var(ddof=1) / len(d) for d in differences)

    found = statistics.delong_paired(labels, first, second)

    assert found.value == pytest.approx(differences[0].mean(), abs=1e-12)
    half = statistics.Z95 * variance**0.5
    assert found.high - found.low == pytest.approx(2 * half, abs=1e-9)


def test_constant_scores_rank_nothing_and_have_no_interval():
    found = delong(np.array([True, False] * 20), np.full(40, 0.3))

    assert (found.value, found.has_interval) == (0.5, False)


def test_perfect_ranking_has_no_interval_rather_than_one_of_no_width():
    labels = np.array([False] * 30 + [True] * 30)

    found = delong(labels, labels * 0.5)

    assert (found.value, found.has_interval) == (1.0, False)


def test_a_model_compared_with_itself_differs_by_nothing():
    labels = np.array([True, False, True, False])

    found = statistics.delong_paired(labels, labels * 0.4, labels * 0.4)

    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_interval_of_delong_covers_as_often_as_it_says():
    random = np.random.default_rng(5)
    truth = 0.7602  # of two normals one standard deviation apart
    covered = 0
    for _ in range(400):
        labels = np.arange(120) < 40
        scores = 1 / (1 + np.exp(-random.normal(size=120) - labels))
        found = delong(labels, scores)
        covered += found.low <= truth <= found.high

    assert 0.91 <= covered / 400 <= 0.98


def test_a_ratio_has_the_interval_of_its_logarithm():
    found = statistics.ratio(18 / 84, 18, 125 / 316, 125)

    assert (round(found.value, 2), round(found.low, 2), round(found.high, 2)) == (
        0.54,
        0.35,
        0.83,
    )


def test_a_ratio_to_nothing_is_undefined():
    assert statistics.ratio(0.5, 5, 0.0, 0).value is None
