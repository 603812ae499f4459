import numpy as np
import pytest

from governance.metrics.multiplicity import Sliced, against_the_rest, holm, told
from governance.metrics.statistics import Z95, wilson


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_slice_is_tested_against_the_rest_not_against_itself():
    """A mean of 30 among 100 rows of variance 1: slice minus the rest has 1/30 + 1/70."""
    error = 1 / np.sqrt(30)
    slice_ = Sliced(0.5, 0.5 - Z95 * error, 0.5 + Z95 * error, 30)
    rest = (0.2 * 100 - 0.5 * 30) / 70
    z = (0.5 - rest) / np.sqrt(1 / 30 + 1 / 70)

    (found,) = against_the_rest([slice_], Sliced(0.2, 0, 0.4, 100))

    from statistics import NormalDist

    assert found.p == pytest.approx(2 * (1 - NormalDist().cdf(z)))


def test_only_a_sure_slice_gets_a_badge_and_its_direction_matters():
    overall = Sliced(0.80, 0.79, 0.81, 10_000)
    worse, same, unknown = (
        Sliced(0.60, 0.55, 0.65, 500),
        Sliced(0.81, 0.76, 0.86, 500),
        Sliced(None, None, None, 5),
    )

    found = against_the_rest([worse, same, unknown], overall)

    assert found[0].badge("higher") == "worse than the rest"
    assert found[0].badge("lower") == "better than the rest"
    assert found[0].badge("") == "lower than the rest"
    assert found[1].badge("higher") == ""
    assert found[2] is None


def test_what_was_compared_is_counted():
    assert told(1) == "1 comparison, Holm-corrected"
    assert told(14) == "14 comparisons, Holm-corrected"


def test_the_chance_of_any_false_badge_stays_at_five_percent():
    """Twelve equal slices of Bernoulli rows, 2,000 worlds: at most 5 % have a badge at all."""
    random, wrong = np.random.default_rng(3), 0
    for _ in range(2000):
        hits = random.binomial(400, 0.3, size=12)
        slices = [Sliced(h / 400, *wilson(h, 400), 400) for h in hits]
        overall = Sliced(hits.sum() / 4800, *wilson(hits.sum(), 4800), 4800)
        wrong += any(test and test.is_sure for test in against_the_rest(slices, overall))

    assert wrong / 2000 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_slice_of_few_rows_gets_no_badge():
    tiny = Sliced(1.0, 0.99, 1.0, 29)

    assert against_the_rest([tiny], Sliced(0.5, 0.49, 0.51, 10_000)) == [None]
