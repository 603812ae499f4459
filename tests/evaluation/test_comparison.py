import numpy as np
import pytest

from governance.evaluation import comparison, tasks
from governance.evaluation.comparison import compare
from governance.evaluation.queries import overall_figures
from governance.metrics import METRICS
from tests.accounts.factories import person
from tests.evaluation.factories import COSTS, measured, parquet, predictions
from tests.evaluation.test_services import governed_version
from tests.registry import factories as registry

pytestmark = pytest.mark.django_db
KEYED = {"score": "score", "label": "bad", "row_key": "id"}


@pytest.fixture
def versions():
    """Two versions of a governed model whose use case has costs."""
    first = governed_version(**{f"cost_{key}": value for key, value in COSTS.items()})
    second = registry.version(first.model, owner=person("ada"))
    return first, second


def better(frame):
    """The same rows, scored by one who knows a little more."""
    return frame.assign(score=0.85 * frame.score + 0.15 * frame.bad)


def evaluated(version, frame, **asked):
    asked = {"columns": KEYED, "threshold": 0.4, **asked}
    return measured(version, actor=person("mle"), source=parquet(frame), **asked)


def by_metric(differences, field="", value=""):
    own = [one for one in differences if (one.slice_field, one.slice_value) == (field, value)]
    return {one.metric: one for one in own}


def test_differences_are_paired_by_key_whatever_the_order(versions):
    frame = predictions(500)
    first = evaluated(versions[0], better(frame).sample(frac=1, random_state=1), threshold=0.3)
    second = evaluated(versions[1], frame)

    found = by_metric(compare(first, second))

    assert list(found)[:3] == ["auc", "cost", "accuracy"]
    both = [overall_figures(one) for one in (first, second)]
    assert set(found) == set(both[0]) - comparison.SHARED
    for metric, difference in found.items():
        values = [figures[metric].value for figures in both]
        assert difference.value == pytest.approx(values[0] - values[1], abs=1e-9), metric
        if metric not in ("calibration_slope", "calibration_intercept", "ece"):
            assert difference.low <= difference.value <= difference.high, metric
    assert found["auc"].is_told_apart
    assert found["auc"].sentence.startswith("ROC AUC is 0.")
    assert "higher on the same 500 rows" in found["auc"].sentence


def test_pairing_narrows_the_interval(versions):
    frame = predictions(500)
    noisy = frame.assign(score=np.clip(frame.score + np.linspace(-0.01, 0.01, 500), 0, 1))
    first, second = evaluated(versions[0], frame), evaluated(versions[1], noisy)

    difference = by_metric(compare(first, second))["auc"]

    alone = first.measurements.get(metric="auc", slice_field="")
    assert difference.high - difference.low < 0.3 * (alone.high - alone.low)


def test_what_cannot_be_told_apart_is_said(versions):
    frame = predictions(100)
    first, second = evaluated(versions[0], frame), evaluated(versions[1], frame)

    found = compare(first, second)

    assert not any(one.is_told_apart for one in found)
    for one in by_metric(found).values():
        if one.metric == "selection_rate":
            assert "no sure difference at this size" in one.sentence
        elif one.low is not None and METRICS[one.metric].direction:
            assert "no winner at this size" in one.sentence


def test_rows_without_a_key_are_paired_by_position(versions):
    columns = {"score": "score", "label": "bad"}
    frame = predictions(300)
    first = evaluated(versions[0], better(frame), columns=columns)
    second = evaluated(versions[1], frame, columns=columns)

    assert by_metric(compare(first, second))["auc"].value > 0


def test_other_rows_are_not_compared(versions):
    first = evaluated(versions[0], predictions(300))
    second = evaluated(versions[1], predictions(300, seed=8))

    found = compare(first, second)

    labels = (predictions(300).bad != predictions(300, seed=8).bad).sum()
    assert {(one.value, one.sentence) for one in found} == {
        (
            None,
            "The two evaluations do not have the same rows: 0 row keys are only in the first, 0 "
            f"only in the second, and {labels} of those in both have another label.",
        )
    }


def test_how_many_keys_do_not_match_is_said(versions):
    frame = predictions(300)
    first = evaluated(versions[0], frame.iloc[:280])
    second = evaluated(versions[1], frame.iloc[10:])

    found = compare(first, second)

    assert "10 row keys are only in the first, 20 only in the second" in found[0].sentence


def test_rows_with_and_without_a_key_are_not_paired(versions):
    frame = predictions(300)
    first = evaluated(versions[0], frame)
    second = evaluated(versions[1], frame, columns={"score": "score", "label": "bad"})

    assert "names a row key and the other does not" in compare(first, second)[0].sentence


def test_repeated_keys_are_counted(versions, monkeypatch):
    """Where rows are many a repeated key can pass the measurement, never a comparison."""
    monkeypatch.setattr(tasks.engine, "refuse_repeated_key", lambda rows: None)
    frame = predictions(300)
    frame.loc[:4, "id"] = 299
    first, second = evaluated(versions[0], frame), evaluated(versions[1], frame)

    found = compare(first, second)

    assert found[0].sentence == (
        "Row keys must be unique: 5 rows of the first and 5 of the second repeat a key."
    )


def test_every_slice_is_compared(versions):
    frame = predictions(500)
    columns = {**KEYED, "slices": ["age"]}
    first = evaluated(versions[0], better(frame), columns=columns)
    second = evaluated(versions[1], frame, columns=columns)

    found = compare(first, second)

    stored = {
        (row.metric, row.slice_value): row.value - other.value
        for row, other in zip(
            first.measurements.filter(slice_field="age").order_by("slice_value", "metric"),
            second.measurements.filter(slice_field="age").order_by("slice_value", "metric"),
            strict=True,
        )
    }
    for value in ("old", "young"):
        for metric, one in by_metric(found, "age", value).items():
            assert one.value == pytest.approx(stored[metric, value], abs=1e-9), metric
            assert one.n == (frame.age == value).sum()
    (ratio,) = [one for one in found if one.metric == comparison.RATIO]
    assert ratio.sentence.startswith("Selection rate ratio for age ")
    assert ratio.low <= ratio.value <= ratio.high


def test_small_slices_are_hidden(versions):
    frame = predictions(300)
    frame.loc[:6, "age"] = "ancient"
    columns = {**KEYED, "slices": ["age"]}
    first = evaluated(versions[0], better(frame), columns=columns)
    second = evaluated(versions[1], frame, columns=columns)

    found = by_metric(compare(first, second), "age", "ancient")

    assert {(one.value, one.method) for one in found.values()} == {(None, "hidden")}


def test_costs_and_weights_of_each_row_count(versions):
    frame = predictions(400)
    random = np.random.default_rng(4)
    frame = frame.assign(loss=random.uniform(1, 9, 400), weight=random.uniform(0.5, 2, 400))
    columns = {**KEYED, "weight": "weight", "costs": {"false_negative": "loss"}}
    first = evaluated(versions[0], better(frame), columns=columns)
    second = evaluated(versions[1], frame, columns=columns)

    found = by_metric(compare(first, second))

    both = [overall_figures(one) for one in (first, second)]
    for metric in ("cost", "cost_total", "accuracy", "f1", "brier", "logloss", "auc", "npv"):
        expected = both[0][metric].value - both[1][metric].value
        assert found[metric].value == pytest.approx(expected, abs=1e-8), metric
    assert found["cost"].low < found["cost"].value < found["cost"].high
    assert found["auc"].low is None and "rows have weights" in found["auc"].sentence


def test_a_file_that_is_gone_is_said_instead_of_compared(versions):
    from django.core.files.storage import default_storage

    frame = predictions(300)
    first, second = evaluated(versions[0], frame), evaluated(versions[1], frame)
    default_storage.delete(second.artifact)

    found = compare(first, second)

    assert {one.value for one in found} == {None}
    assert "no longer in the storage" in found[0].sentence


def test_many_rows_are_compared_in_bins_with_the_same_result(versions, monkeypatch):
    frame = predictions(5000)
    first, second = evaluated(versions[0], better(frame)), evaluated(versions[1], frame)
    exact = by_metric(compare(first, second))["auc"]

    monkeypatch.setattr(comparison, "FEW_PAIRS", 0)
    binned = by_metric(compare(first, second))["auc"]

    assert binned.value == pytest.approx(exact.value, abs=1e-5)
    assert (binned.low, binned.high) == pytest.approx((exact.low, exact.high), abs=2e-5)
    assert binned.method == "paired DeLong, in bins"


def test_slices_of_many_rows_are_compared_in_bins(versions, monkeypatch):
    frame = predictions(3000)
    columns = {**KEYED, "slices": ["age"]}
    first = evaluated(versions[0], better(frame), columns=columns)
    second = evaluated(versions[1], frame, columns=columns)
    exact = by_metric(compare(first, second), "age", "young")["auc"]

    monkeypatch.setattr(comparison, "FEW_PAIRS", 0)
    found = by_metric(compare(first, second), "age", "young")

    assert found["auc"].value == pytest.approx(exact.value, abs=1e-5)
    assert (found["auc"].low, found["auc"].high) == pytest.approx(
        (exact.low, exact.high), abs=5e-5
    )
    assert found["ks"].low is None


def test_csv_and_parquet_can_be_compared(versions):
    from tests.evaluation.factories import csv

    frame = predictions(200)
    first = evaluated(versions[0], frame)
    text = csv(better(frame).to_csv(index=False))
    second = measured(versions[1], actor=person("mle"), source=text, columns=KEYED)

    assert by_metric(compare(second, first))["auc"].value > 0
