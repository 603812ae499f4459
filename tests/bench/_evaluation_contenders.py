"""The contenders of the evaluation topic, each run in a process of its own by name."""

import json
import sys
import tempfile
from pathlib import Path

FIELDS = ("f1", "f2", "f3", "f4", "f5", "f6")
SIZES = (5, 9, 16, 24, 36, 50)  # 140 slices
THRESHOLD = 0.5
COSTS = {"true_positive": 0, "false_positive": 1, "true_negative": 0, "false_negative": 5}


def write(file: str, rows: str, score: str = "1 / (1 + exp(1 - 1.5 * z))") -> None:
    """Writes rows with a score, a label drawn by it, six slice fields and a key."""
    import duckdb

    fields = ", ".join(
        f"'{field}-' || (hash(i, {number}) % {size}) AS {field}"
        for number, (field, size) in enumerate(zip(FIELDS, SIZES, strict=True))
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SELECT setseed(0.42)")
    connection.execute(
        f"COPY (SELECT i AS id, score, (random() < score)::TINYINT AS label, {fields} FROM "
        f"(SELECT i, {score} AS score FROM (SELECT i, sqrt(-2 * ln(1 - random())) * "
        f"cos(2 * pi() * random()) AS z FROM range({int(rows)}) AS t(i)))) "
        f"TO '{file}' (FORMAT parquet)"
    )


def write_crowded(file: str, rows: str) -> None:
    """A rare event: scores crowd near 0."""
    write(file, rows, "1 / (1 + exp(9 - 2 * z))")


def ours(file: str, row_key: str = "") -> dict:
    from governance.evaluation import engine
    from governance.evaluation.columns import Columns
    from governance.metrics.catalogue import measure
    from governance.metrics.metric import Terms

    terms = Terms(THRESHOLD, "negative", COSTS)
    with tempfile.TemporaryDirectory() as scratch:
        result = engine.measure(
            Path(file),
            Columns("score", "label", row_key, FIELDS),
            terms=terms,
            scratch=Path(scratch),
            progress=lambda done, total, text: None,
        )
    assert len(result.slices) == sum(SIZES)
    for group in result.slices:
        measure("binary", group.tally, terms)
    return {
        key: estimate.value
        for key, estimate in measure("binary", result.overall, terms).items()
    }


def ours_keyed(file: str) -> None:
    ours(file, "id")


def scan(file: str) -> None:
    """Reads every column we read, and sums or compares it."""
    import duckdb

    columns = ", ".join(f"min({field})" for field in FIELDS)
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(
        f"SELECT count(score), sum(score), sum(label), {columns} FROM read_parquet(?)", [file]
    ).fetchall()


def pandas(file: str) -> None:
    """What one writes with pandas and scikit-learn, without intervals."""
    import pandas as pd
    from sklearn import metrics
    from sklearn.calibration import calibration_curve

    frame = pd.read_parquet(file, columns=["score", "label", *FIELDS])
    _peer_figures(frame.label.to_numpy(), frame.score.to_numpy())
    metrics.roc_curve(frame.label, frame.score)
    metrics.precision_recall_curve(frame.label, frame.score)
    calibration_curve(frame.label, frame.score, n_bins=10)
    for field in FIELDS:
        for _, group in frame.groupby(field):
            _peer_figures(group.label.to_numpy(), group.score.to_numpy())


def _peer_figures(labels, scores) -> dict[str, float]:
    import numpy as np
    from sklearn import metrics

    decided = scores >= THRESHOLD
    false_alarms, misses = (decided & (labels == 0)).sum(), (~decided & (labels == 1)).sum()
    decile = np.minimum((scores * 10).astype(int), 9)
    gaps = np.bincount(decile, weights=scores - labels, minlength=10)
    return {
        "auc": metrics.roc_auc_score(labels, scores),
        "pr_auc": metrics.average_precision_score(labels, scores),
        "logloss": metrics.log_loss(labels, scores, labels=[0, 1]),
        "brier": metrics.brier_score_loss(labels, scores),
        "ece": np.abs(gaps).sum() / len(labels),
        "accuracy": metrics.accuracy_score(labels, decided),
        "precision": metrics.precision_score(labels, decided, zero_division=0),
        "recall": metrics.recall_score(labels, decided, zero_division=0),
        "f1": metrics.f1_score(labels, decided, zero_division=0),
        "selection_rate": 1 - decided.mean(),
        "fpr": false_alarms / (labels == 0).sum(),
        "cost": (false_alarms + 5 * misses) / len(labels),
    }


def fairlearn(file: str) -> None:
    """Fairlearn's best use: a MetricFrame a field, with one function that returns every figure.

    A function a figure, as its guide shows, costs some ten times more: each copies the rows again.
    """
    import pandas as pd
    from fairlearn.metrics import MetricFrame

    frame = pd.read_parquet(file, columns=["score", "label", *FIELDS])
    labels, scores = frame.label.to_numpy(), frame.score.to_numpy()
    for field in FIELDS:
        found = MetricFrame(
            metrics=_peer_figures, y_true=labels, y_pred=scores, sensitive_features=frame[field]
        )
        assert "auc" in found.by_group.iloc[0]


def errors(file: str, answer: str) -> None:
    """Writes how far our overall figures are from scikit-learn's, which ranks every row."""
    import pandas as pd

    frame = pd.read_parquet(file, columns=["score", "label"])
    peer = _peer_figures(frame.label.to_numpy(), frame.score.to_numpy())
    found = ours(file)
    Path(answer).write_text(
        json.dumps({key: float(abs(found[key] - value)) for key, value in peer.items()})
    )


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
