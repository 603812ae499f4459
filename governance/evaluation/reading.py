"""How a stored evaluation is read: its file, its columns, its terms, and what computes its figures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb
import numpy

from governance.evaluation import sources
from governance.evaluation.columns import Columns
from governance.evaluation.models import Evaluation
from governance.metrics.metric import Terms

Progress = Callable[[int, int, str], None]


def columns_of(evaluation: Evaluation) -> Columns:
    return Columns.from_mapping(evaluation.columns, evaluation.task)


def terms_of(evaluation: Evaluation) -> Terms:
    return Terms(
        evaluation.threshold, evaluation.favourable, evaluation.costs, **evaluation.parameters
    )


def opened(
    evaluation: Evaluation, scratch: Path, progress: Progress
) -> AbstractContextManager[tuple[Path, str]]:
    """Opens the file of an evaluation, if it is still the one whose digest is known."""
    return sources.local_file(
        evaluation.source_kind,
        evaluation.source,
        evaluation.artifact,
        known_digest=evaluation.data_digest,
        scratch=scratch,
        progress=progress,
    )


def code_version() -> str:
    """Names what computed the figures: our version and those of the engines."""
    try:
        ours = version("imprimatur")
    except PackageNotFoundError:
        ours = "unreleased"
    return f"imprimatur {ours}, duckdb {duckdb.__version__}, numpy {numpy.__version__}"
