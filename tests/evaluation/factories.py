"""Predictions for tests: small real files, and evaluations measured from them."""

import io

import numpy as np
import pandas as pd
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.evaluation import services
from governance.evaluation.models import Evaluation
from governance.jobs import runner
from tests.registry.factories import version as registered_version

COLUMNS = {"score": "score", "label": "bad", "slices": ["age"]}
COSTS = {
    "true_positive": 0.0,
    "false_positive": 1.0,
    "true_negative": 0.0,
    "false_negative": 5.0,
}


def predictions(rows: int = 400, *, seed: int = 7, **columns) -> pd.DataFrame:
    """Rows whose scores say something about their labels, with a key and an age group."""
    random = np.random.default_rng(seed)
    scores = random.beta(2, 4, rows)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "score": scores,
            "bad": (random.random(rows) < scores).astype(int),
            "age": np.where(random.random(rows) < 0.3, "young", "old"),
            **columns,
        }
    )


def parquet(frame: pd.DataFrame, name: str = "holdout.parquet") -> SimpleUploadedFile:
    written = io.BytesIO()
    frame.to_parquet(written, index=False)
    return SimpleUploadedFile(name, written.getvalue())


def csv(text: str, name: str = "holdout.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def requested(version=None, *, actor=None, source=None, **asked) -> Evaluation:
    """An evaluation that was asked for and not yet measured."""
    version = version or registered_version()
    return services.request_evaluation(
        version,
        actor=actor or version.created_by,
        source=source or parquet(predictions()),
        **{"columns": COLUMNS, "dataset_name": "hold-out", **asked},
    )


def measured(version=None, **asked) -> Evaluation:
    """An evaluation whose job has run."""
    evaluation = requested(version, **asked)
    runner.run(str(evaluation.job_id))
    evaluation.refresh_from_db()
    return evaluation
