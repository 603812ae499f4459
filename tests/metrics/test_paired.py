import numpy as np
import pytest
from sklearn import metrics as sklearn

from governance.metrics import paired
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms
from governance.metrics.tally import tally_rows


def rows(count=600, seed=2):
    random = np.random.default_rng(seed)
    chance = random.beta(2, 3, count)
    labels = random.random(count) < chance
    first = np.clip(chance + random.normal(0, 0.05, count), 0, 1)
    return labels, np.round(first, 2), np.clip(chance + random.normal(0, 0.2, count), 0, 1)


def pairs_of(labels, first, second, threshold=0.4):
    cells = np.zeros((2, 2, 2))
    np.add.at(
        cells, (labels.astype(int), (first >= threshold) * 1, (second >= threshold) * 1), 1
    )
    each = {
        "brier": (first - labels) ** 2 - (second - labels) ** 2,
        "score": first - second,
    }
    sums = {key: paired.Sum(d.sum(), (d**2).sum()) for key, d in each.items()}
    return paired.Pairs(len(labels), cells, sums)


@pytest.mark.parametrize("favourable", ["positive", "negative"])
def test_every_difference_is_that_of_the_metrics(favourable):
    labels, first, second = rows()
    terms = Terms(0.4, favourable)
    one, other = (measure("binary", tally_rows(s, labels, 0.4), terms) for s in (first, second))

    found = paired.differences(pairs_of(labels, first, second), favourable)
    found |= paired.ranked(labels, first, second)

    assert len(found) == 18
    for key, estimate in found.items():
        assert estimate.value == pytest.approx(one[key].value - other[key].value, abs=1e-9), key
        assert estimate.low < estimate.value < estimate.high, key


def test_a_version_beside_itself_has_no_difference():
    labels, first, _ = rows(300)
    found = paired.differences(pairs_of(labels, first, first), "negative")
    found |= paired.ranked(labels, first, first)
    assert {(one.value, one.low, one.high) for one in found.values()} == {(0, 0, 0)}


def test_rankings_drawn_again_are_those_of_scikit_learn():
    labels, first, _ = rows(200)
    weights = np.random.default_rng(1).multinomial(200, np.full(200, 1 / 200), size=3)
    side = paired._Side(labels, first)
    for own, value in zip(weights, side.pr_auc(weights.astype(float)), strict=True):
        expected = sklearn.average_precision_score(labels, first, sample_weight=own)
        assert value == pytest.approx(expected)


def test_many_rows_are_ranked_without_being_drawn_again():
    labels, first, second = rows(paired.MOST_ROWS + 1)
    assert set(paired.ranked(labels, first, second)) == {"auc", "gini"}


def test_one_class_has_no_ranking_and_no_rate_of_the_other():
    _, first, second = (part[:50] for part in rows())
    only = np.zeros(50, dtype=bool)
    assert {one.value for one in paired.ranked(only, first, second).values()} == {None}
    found = paired.differences(pairs_of(only, first, second), "negative")
    assert found["recall"].value is None and found["recall"].method == "no positives"
    assert found["brier_skill"].value is None


def test_intervals_of_differences_cover_as_often_as_they_say():
    """Decisions of two versions that agree on most rows: precision, F1 and recall at n = 400."""
    random, size = np.random.default_rng(20240101), 400
    share = np.array([[[0.45, 0.07], [0.05, 0.08]], [[0.05, 0.05], [0.04, 0.21]]])
    shares = paired._shares("negative")

    def found(cells):
        pairs = paired.Pairs(int(cells.sum()), cells)
        together = {key: paired._drawn(pairs, paired.DRAWN[key]) for key in ("f1", "mcc")}
        return together | {
            key: paired._share(pairs, *shares[key]) for key in ("accuracy", "recall", "fpr")
        }

    truth = found(np.round(share * 10**6))
    worlds, covered = 1600, dict.fromkeys(truth, 0)
    for _ in range(worlds):
        cells = random.multinomial(size, share.ravel() / share.sum()).reshape(2, 2, 2)
        for key, one in found(cells).items():
            covered[key] += one.low <= truth[key].value <= one.high

    assert {key: one / worlds for key, one in covered.items()} == pytest.approx(
        dict.fromkeys(truth, 0.95), abs=0.015
    )


def test_the_ratio_of_two_groups_is_compared():
    labels, first, second = rows()
    young = np.arange(600) % 3 == 0
    groups = [pairs_of(labels[own], first[own], second[own]) for own in (young, ~young)]

    found = paired.ratio_difference(*groups, "negative")

    ratios = [(s[young] < 0.4).mean() / (s[~young] < 0.4).mean() for s in (first, second)]
    assert found.value == pytest.approx(ratios[0] - ratios[1])
    assert found.low < found.value < found.high


def test_intervals_of_rankings_cover_as_often_as_they_say(monkeypatch):
    """KS and PR AUC of two noisy scores at n = 250, with fewer draws to spare time."""
    monkeypatch.setattr(paired.bootstrap, "DRAWS", 400)
    random = np.random.default_rng(12)

    def world(count):
        chance = random.beta(2, 4, count)
        noisy = (np.clip(chance + random.normal(0, s, count), 0, 1) for s in (0.05, 0.15))
        return random.random(count) < chance, *noisy

    labels, *both = world(300_000)
    sides = [paired._Side(labels, scores) for scores in both]
    once = np.ones((1, len(labels)))
    truth = {key: paired._between(sides, key, once)[0] for key in paired.ROWWISE}
    worlds, covered = 300, dict.fromkeys(truth, 0)
    for _ in range(worlds):
        found = paired._resampled(*world(250))
        for key in truth:
            covered[key] += found[key].low <= truth[key] <= found[key].high

    # So few worlds leave a noise of 1.3 points on the shares; 3 points are two and a half of these.
    assert {key: one / worlds for key, one in covered.items()} == pytest.approx(
        dict.fromkeys(truth, 0.95), abs=0.03
    )
