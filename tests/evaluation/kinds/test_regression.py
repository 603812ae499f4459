import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer

from governance.errors import Invalid
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms
from governance.metrics.regression import Errors

MAPPED = {"prediction": "said", "label": "price", "slices": ["town"]}, "regression"


def prices(rows=500, seed=1):
    random = np.random.default_rng(seed)
    price = random.gamma(2, 100_000, rows) + 1e6
    return pd.DataFrame(
        {
            "price": price,
            "said": price * random.normal(1.02, 0.1, rows),
            "town": random.choice(["a", "b", "c"], rows),
            "weight": random.uniform(0.2, 3, rows),
        }
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_agree_with_scikit_learn_overall_and_by_slice(figures, weighted):
    frame = prices()
    mapping = MAPPED[0] | ({"weight": "weight"} if weighted else {})

    found = figures(frame, (mapping, "regression"), quantile=0.9)

    for key, group in [
        (("", ""), frame),
        *((("town", v), g) for v, g in frame.groupby("town")),
    ]:
        by = {"sample_weight": group.weight} if weighted else {}
        expected = {
            "mae": peer.mean_absolute_error(group.price, group.said, **by),
            "rmse": peer.root_mean_squared_error(group.price, group.said, **by),
            "r2": peer.r2_score(group.price, group.said, **by),
            "mape": peer.mean_absolute_percentage_error(group.price, group.said, **by),
            "pinball": peer.mean_pinball_loss(group.price, group.said, alpha=0.9, **by),
            "bias": np.average(group.said - group.price, weights=by.get("sample_weight")),
            "largest_error": peer.max_error(group.price, group.said),
        }
        for metric, value in expected.items():
            assert found[key][metric].value == pytest.approx(value, rel=1e-9), (key, metric)


def test_the_percentage_error_of_a_zero_is_undefined(figures):
    frame = prices(20)
    frame.loc[3, "price"] = 0

    found = figures(frame, MAPPED)["", ""]["mape"]

    assert (found.value, found.method) == (None, "undefined: 1 labels are 0")


def test_labels_that_are_all_the_same_explain_no_variance(figures):
    found = figures(prices(20).assign(price=5.0), MAPPED)["", ""]

    assert found["r2"].value is None


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("said", np.inf, "Row 4: “said” is inf, not finite."),
        ("price", np.nan, "Row 4: “price” has no label."),
        ("weight", -1.0, "Row 4: “weight” is -1.0, not positive and finite."),
    ],
)
def test_numbers_that_cannot_be_used_are_named(figures, column, value, sentence):
    frame = prices(20)
    frame.loc[3, column] = value

    with pytest.raises(Invalid) as refused:
        figures(frame, (MAPPED[0] | {"weight": "weight"}, "regression"))

    assert refused.value.sentence == sentence


def sums_of(label, error, origin):
    """What the engine would add up for these rows."""
    d, e2 = label - origin, error**2
    powers = {f"d{k}" if k > 1 else "d": (d**k).sum() for k in (1, 2, 3, 4)}
    unused = dict.fromkeys(["zeros", "relative", "relative2", "pinball", "pinball2"], 0)
    return Errors(
        rows=len(label),
        n=len(label),
        squared_weights=len(label),
        origin=origin,
        e=error.sum(),
        e2=e2.sum(),
        e4=(e2**2).sum(),
        absolute=np.abs(error).sum(),
        largest=np.abs(error).max(),
        e2d=(e2 * d).sum(),
        e2d2=(e2 * d**2).sum(),
        **powers,
        **unused,
    )


@pytest.mark.parametrize(
    ("metric", "truth"), [("mae", 0.5 * np.sqrt(2 / np.pi)), ("rmse", 0.5), ("r2", 0.75)]
)
def test_intervals_cover_as_often_as_they_say(metric, truth):
    random, hits = np.random.default_rng(7), 0
    for _ in range(2_000):
        errors = sums_of(random.normal(0, 1, 400), random.normal(0, 0.5, 400), origin=0.1)
        found = measure("regression", errors, Terms())[metric]
        hits += found.low <= truth <= found.high

    assert hits / 2_000 == pytest.approx(0.95, abs=0.015)
