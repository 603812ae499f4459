import numpy as np
import pytest

from governance.metrics import bootstrap
from governance.metrics.statistics import Estimate

CELLS = [np.array([60, 40]), np.array([30, 170])]


def share(drawn):
    return drawn[0][:, 0] / drawn[0].sum(axis=1)


def test_the_same_counts_give_the_same_interval():
    assert bootstrap.interval_of(CELLS, share) == bootstrap.interval_of(CELLS, share)


def test_drawing_counts_is_drawing_rows():
    """The percentiles of counts drawn are those of rows drawn, up to the noise of the draws."""
    random = np.random.default_rng(1)
    rows = np.repeat([1, 0], CELLS[0])
    drawn = random.choice(rows, size=(20_000, 100)).mean(axis=1)

    low, high = bootstrap.interval_of(CELLS, share)

    assert (low, high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.011)


def test_strata_keep_their_sizes():
    sizes = []
    bootstrap.interval_of(
        CELLS, lambda drawn: sizes.append([d.sum(axis=1) for d in drawn]) or drawn[0][:, 0]
    )
    assert all(
        (each == sum_).all()
        for part in sizes
        for each, sum_ in zip(part, (100, 200), strict=True)
    )


def test_what_cannot_be_drawn_is_said():
    undefined = bootstrap.estimate(0.5, CELLS, lambda drawn: np.full(len(drawn[0]), np.nan))
    assert undefined == Estimate(0.5, method="no interval: undefined in too many draws")
    many = [np.ones(bootstrap.MOST_CELLS + 1)]
    assert "more than 5,000 groups" in bootstrap.estimate(0.5, many, share).method
    assert bootstrap.estimate(0.6, CELLS, share).method == (
        "bootstrap 2,000, seed 20240101, stratified"
    )
    assert bootstrap.estimate(None, CELLS, share).value is None


def test_the_interval_of_a_correlation_covers_as_often_as_it_says():
    """MCC of 2 x 2 decisions at fixed class sizes: nominal 95 %, within 1.5 points."""
    random, sizes, rates = np.random.default_rng(5), (150, 350), (0.7, 0.2)
    truth = float(mcc([np.array([[105.0, 45.0]]), np.array([[70.0, 280.0]])])[0])
    worlds, covered = 1500, 0
    for _ in range(worlds):
        hits = [random.binomial(size, rate) for size, rate in zip(sizes, rates, strict=True)]
        cells = [np.array([hit, size - hit]) for hit, size in zip(hits, sizes, strict=True)]
        low, high = bootstrap.interval_of(cells, mcc)
        covered += low <= truth <= high

    assert covered / worlds == pytest.approx(0.95, abs=0.015)


def mcc(drawn):
    (a, c), (b, d) = drawn[0].T.astype(float), drawn[1].T.astype(float)
    return (a * d - b * c) / np.sqrt((a + b) * (a + c) * (d + b) * (d + c))


def test_the_interval_of_brier_skill_covers_as_often_as_it_says():
    from governance.metrics.catalogue import measure
    from governance.metrics.metric import Terms
    from governance.metrics.tally import tally_rows

    random = np.random.default_rng(6)
    scores = random.beta(2, 4, 2_000_000)
    labels = random.random(2_000_000) < scores
    share = labels.mean()
    truth = 1 - ((scores - labels) ** 2).mean() / (share * (1 - share))
    covered = 0
    for world in range(1500):
        own = slice(500 * world, 500 * (world + 1))
        found = measure("binary", tally_rows(scores[own], labels[own], 0.5), Terms())
        covered += found["brier_skill"].low <= truth <= found["brier_skill"].high

    assert covered / 1500 == pytest.approx(0.95, abs=0.015)
