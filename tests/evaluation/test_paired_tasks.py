"""Paired differences of every task: their values are those of the figures, their intervals those of drawing rows."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer

from governance.evaluation.comparison import compare, why_not_paired
from governance.metrics.catalogue import BY_TASK
from tests.evaluation.factories import measured, parquet
from tests.evaluation.kinds.test_multilabel import MAPPED as TOPIC_COLUMNS
from tests.evaluation.kinds.test_multilabel import TOPICS, articles
from tests.evaluation.kinds.test_ranking import MAPPED as SEARCH_COLUMNS
from tests.evaluation.kinds.test_ranking import searches
from tests.evaluation.kinds.test_regression import prices
from tests.registry import factories as registry

pytestmark = pytest.mark.django_db
CLASSES = ["a", "b", "c"]


def keyed(frame):
    return frame.reset_index(drop=True).assign(id=lambda rows: [f"k{i}" for i in rows.index])


def of_prices():
    frame = keyed(prices(300))
    noise = np.random.default_rng(5).normal(1, 0.05, len(frame))
    return (
        frame,
        frame.assign(said=frame.said * noise),
        {"prediction": "said", "label": "price"},
    )


def of_classes():
    random = np.random.default_rng(6)
    label = random.choice(CLASSES, 300, p=[0.6, 0.3, 0.1])
    shares = random.dirichlet([1, 1, 1], 300) + 1.2 * (label[:, None] == np.array(CLASSES))
    other = shares + random.uniform(0, 1, shares.shape)
    frames = []
    for one in (shares, other):
        one = one / one.sum(axis=1, keepdims=True)
        frame = pd.DataFrame(one, columns=[f"p_{name}" for name in CLASSES])
        frame["label"], frame["said"] = label, np.array(CLASSES)[one.argmax(axis=1)]
        frames.append(keyed(frame).assign(town=np.where(np.arange(300) % 2, "x", "y")))
    scores = {name: f"p_{name}" for name in CLASSES}
    columns = {"prediction": "said", "label": "label", "scores": scores, "slices": ["town"]}
    return *frames, columns


def of_topics():
    frame = keyed(articles(300))
    random = np.random.default_rng(7)
    other = frame.copy()
    for name in TOPICS:
        other[f"p_{name}"] = (frame[f"p_{name}"] + random.normal(0, 0.1, len(frame))).clip(0, 1)
    return frame, other, TOPIC_COLUMNS


def of_searches():
    frame = keyed(searches())
    random = np.random.default_rng(8)
    return (
        frame,
        frame.assign(score=frame.score + random.normal(0, 0.3, len(frame))),
        SEARCH_COLUMNS,
    )


TASKS = {
    "regression": of_prices,
    "multiclass": of_classes,
    "multilabel": of_topics,
    "ranking": of_searches,
}


@pytest.fixture(params=TASKS)
def both(request):
    """The task, both frames and their finished evaluations, the second's rows in another order."""
    first, second, columns = TASKS[request.param]()
    version = registry.version()
    asked = {"task": request.param, "columns": columns | {"row_key": "id"}}
    one = measured(version, source=parquet(first), **asked)
    shuffled = second.sample(frac=1, random_state=2)
    other = measured(
        registry.version(version.model, owner=version.created_by),
        source=parquet(shuffled),
        actor=version.created_by,
        **asked,
    )
    return request.param, first, second, one, other


def test_differences_are_those_of_the_figures_overall_and_by_slice(both):
    task, _, _, one, other = both

    found = compare(one, other)

    figures = [
        {
            (row.metric, row.slice_field, row.slice_value): row.value
            for row in side.measurements.all()
        }
        for side in (one, other)
    ]
    told = {(row.metric, row.slice_field, row.slice_value): row for row in found}
    assert {metric for metric, *_ in told} == {
        metric.key for metric in BY_TASK[task] if metric.key not in ("n", "queries")
    }
    for key, difference in told.items():
        values = [side[key] for side in figures]
        if None in values:
            assert difference.value is None, key
        else:
            assert difference.value == pytest.approx(
                values[0] - values[1], rel=1e-7, abs=1e-9
            ), key
        if difference.low is not None:
            assert difference.low <= difference.value <= difference.high, key


def drawn(task, first, second, metric, draws=300):
    """The spread of a difference when rows (of a ranking: queries) are drawn again."""
    random, found = np.random.default_rng(9), []
    for _ in range(draws):
        if task == "ranking":
            names = first.search.unique()
            picked = random.choice(names, len(names))
            found.append(metric(first, picked) - metric(second, picked))
        else:
            rows = random.integers(0, len(first), len(first))
            found.append(metric(first.iloc[rows]) - metric(second.iloc[rows]))
    return np.std(found)


def topics(average):
    def metric(frame):
        said = frame[[f"p_{n}" for n in TOPICS]].to_numpy() >= 0.5
        return average(frame[TOPICS].to_numpy(), said)

    return metric


def ndcg(frame, picked):
    if "values" not in frame.attrs:
        frame.attrs["values"] = {
            name: peer.ndcg_score([group.gain], [group.score], k=10)
            for name, group in frame.groupby("search")
        }
    return np.mean([frame.attrs["values"][name] for name in picked])


SPREADS = {
    "regression": {
        "mae": lambda f: peer.mean_absolute_error(f.price, f.said),
        "rmse": lambda f: peer.root_mean_squared_error(f.price, f.said),
        "r2": lambda f: peer.r2_score(f.price, f.said),
    },
    "multiclass": {
        "accuracy": lambda f: (f.label == f.said).mean(),
        "logloss": lambda f: peer.log_loss(f.label, f[[f"p_{n}" for n in CLASSES]]),
    },
    "multilabel": {
        "subset_accuracy": topics(peer.accuracy_score),
        "hamming_loss": topics(peer.hamming_loss),
        "f1_micro": topics(lambda t, s: peer.f1_score(t, s, average="micro")),
        "recall_micro": topics(lambda t, s: peer.recall_score(t, s, average="micro")),
    },
    "ranking": {"ndcg": ndcg},
}


def test_intervals_are_as_wide_as_drawing_rows_again_makes_them(both):
    task, first, second, one, other = both

    found = {row.metric: row for row in compare(one, other, slices=False)}

    for key, metric in SPREADS[task].items():
        half = (found[key].high - found[key].low) / 2
        assert half == pytest.approx(1.96 * drawn(task, first, second, metric), rel=0.15), key


def test_rows_that_differ_are_counted(both):
    task, first, _, one, _ = both
    fewer = measured(
        registry.version(one.version.model, owner=one.created_by),
        source=parquet(first.iloc[:-7]),
        actor=one.created_by,
        task=task,
        columns=one.columns,
    )

    (told, *_) = compare(one, fewer)

    assert "7 row keys are only in the first, 0 only in the second" in told.sentence


def test_evaluations_of_different_tasks_are_not_paired(both):
    *_, one, _ = both
    other = measured(
        registry.version(one.version.model, owner=one.created_by), actor=one.created_by
    )

    assert why_not_paired(one, other) == "The two evaluations are of different tasks."
