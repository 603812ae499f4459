"""Evaluation: 140 slices of one file, against a plain scan, pandas with scikit-learn, and Fairlearn.

The goals are set for 10,000,000 rows: with fewer, starting up and importing weigh more.
"""

import json
import tempfile
from pathlib import Path

from tests.bench.figures import ROWS, Row, at_most, below, interleaved, run, times_less

CONTENDERS = "tests.bench._evaluation_contenders"
BUDGET_MEGABYTES = 450


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        plain, crowded = f"{folder}/plain.parquet", f"{folder}/crowded.parquet"
        run(CONTENDERS, "write", plain, str(ROWS))
        run(CONTENDERS, "write_crowded", crowded, str(ROWS))
        used = interleaved(
            {
                name: (CONTENDERS, name, plain)
                for name in ("ours", "ours_keyed", "scan", "pandas", "fairlearn")
            },
            once=["fairlearn"],
        )
        errors = {
            kind: _errors(Path(folder), file)
            for kind, file in (("spread", plain), ("crowded", crowded))
        }
    ours = used["ours"]
    return [
        at_most(
            "CPU, against a Parquet scan", ours.cpu_seconds, used["scan"].cpu_seconds, "s", 7
        ),
        times_less(
            "CPU, against pandas + scikit-learn",
            ours.cpu_seconds,
            used["pandas"].cpu_seconds,
            "s",
            10,
        ),
        times_less(
            "CPU, against Fairlearn's MetricFrame",
            ours.cpu_seconds,
            used["fairlearn"].cpu_seconds,
            "s",
            60,
        ),
        times_less(
            "CPU with a row key, against pandas + scikit-learn",
            used["ours_keyed"].cpu_seconds,
            used["pandas"].cpu_seconds,
            "s",
            10,
        ),
        below("peak memory", ours.peak_megabytes, "MB", BUDGET_MEGABYTES),
        Row(
            "peak memory, pandas + scikit-learn",
            ours.peak_megabytes,
            used["pandas"].peak_megabytes,
            "MB",
            used["pandas"].peak_megabytes / ours.peak_megabytes,
            "shown only",
            True,
        ),
        *(
            below(f"error of {name}, {kind} scores", found[key], "", bound)
            for kind, found in errors.items()
            for name, key, bound in (
                ("ROC AUC", "auc", 1e-5),
                ("PR AUC", "pr_auc", 5e-5),
                ("log loss", "logloss", 1e-7),
                ("Brier score", "brier", 1e-7),
            )
        ),
    ]


def _errors(folder: Path, file: str) -> dict[str, float]:
    """How far our overall figures are from scikit-learn's."""
    run(CONTENDERS, "errors", file, str(folder / "errors.json"))
    return json.loads((folder / "errors.json").read_text())
