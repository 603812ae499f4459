"""Drift between two samples: against scipy, against hand-made numbers, and against chance itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2

from governance.metrics.drift import chance_psi, drift

BINS = st.integers(2, 20)


def test_psi_and_js_are_those_of_the_books():
    before, now = np.array([4000, 3000, 3000]), np.array([2000, 3000, 5000])

    found = drift(before, now)

    p, q = before / 10_000, now / 10_000
    assert found.psi == pytest.approx(float(np.sum((q - p) * np.log(q / p))), rel=1e-3)
    assert found.js == pytest.approx(jensenshannon(p, q, base=2) ** 2, rel=1e-3)


def test_an_empty_bin_makes_a_large_drift_and_not_an_endless_one():
    found = drift([500, 500, 0], [500, 0, 500])

    assert 1 < found.psi < 20
    assert 0 < found.js < 1


def test_without_rows_there_is_no_drift_to_speak_of():
    assert drift([0, 0], [5, 5]) is None
    assert drift([5, 5], [0, 0]) is None


@given(
    st.integers(2, 30).flatmap(
        lambda n: st.lists(st.integers(0, 10**6), min_size=n, max_size=n)
    )
)
def test_a_sample_does_not_drift_from_itself(counts):
    found = drift(counts, counts)

    assert found is None or (found.psi == pytest.approx(0) and found.js == pytest.approx(0))


@pytest.mark.parametrize("bins", [2, 5, 10, 50])
def test_chance_is_the_quantile_of_chi_square(bins):
    expected = (1 / 300 + 1 / 700) * chi2.ppf(0.999, bins - 1)

    assert chance_psi(300, 700, bins) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("rows", [200, 1000])
def test_samples_without_drift_seldom_exceed_what_chance_gives(rows):
    random = np.random.default_rng(7)
    shares = np.full(10, 0.1)

    pairs = [
        (random.multinomial(rows, shares), random.multinomial(rows, shares))
        for _ in range(4000)
    ]
    found = [drift(*pair) for pair in pairs]

    assert sum(one.psi > one.chance_psi for one in found) <= 12
    assert sum(one.js > one.chance_js for one in found) <= 12
    assert sum(one.psi > chance_psi(rows, rows, 10, 0.95) for one in found) == pytest.approx(
        200, abs=60
    )
