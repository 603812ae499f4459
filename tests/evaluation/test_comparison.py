import numpy as np
import pytest

from governance.evaluation import comparison
from governance.evaluation.comparison import compare
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


def by_metric(differences):
    return {one.metric: one for one in differences}


def test_differences_are_paired_by_key_whatever_the_order(versions):
    frame = predictions(500)
    first = evaluated(versions[0], better(frame).sample(frac=1, random_state=1), threshold=0.3)
    second = evaluated(versions[1], frame)

    found = by_metric(compare(first, second))

    assert list(found) == ["auc", "cost", "accuracy"]
    for metric, difference in found.items():
        values = [
            e.measurements.get(metric=metric, slice_field="").value for e in (first, second)
        ]
        assert difference.value == pytest.approx(values[0] - values[1])
        assert difference.low <= difference.value <= difference.high
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

    assert all("cannot be told apart at this size" in one.sentence for one in found)
    assert not any(one.is_told_apart for one in found)


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

    assert {(one.value, one.sentence) for one in found} == {
        (None, "The two evaluations do not have the same rows.")
    }


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


def test_csv_and_parquet_can_be_compared(versions):
    from tests.evaluation.factories import csv

    frame = predictions(200)
    first = evaluated(versions[0], frame)
    text = csv(better(frame).to_csv(index=False))
    second = measured(versions[1], actor=person("mle"), source=text, columns=KEYED)

    assert by_metric(compare(second, first))["auc"].value > 0
