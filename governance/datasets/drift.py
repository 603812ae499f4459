"""Measures how far a field of an evaluation's rows has drifted from the training data's."""

# Column names are quoted by quoted(), edges are numbers of ours, everything else is a parameter.
# ruff: noqa: S608

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from governance.datasets.models import DataSet
from governance.errors import Invalid
from governance.evaluation import sources
from governance.evaluation.engine import duckdb_share
from governance.evaluation.models import Evaluation
from governance.evaluation.rows import ROWS_FOR_QUANTILES
from governance.evaluation.session import Session, quoted
from governance.evaluation.table import Table, faults_named, open_table, refuse_too_many
from governance.metrics.drift import Drift, drift
from governance.usecases.queries import use_case_of
from registry.models import ModelVersion

TENTHS = [tenth / 10 for tenth in range(1, 10)]
# The most frequent values of the training data are bins of their own, the others one together.
MOST_BINS = 50

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Drifts:
    """What was measured, field by field, against which record; and why a field was not."""

    reference: DataSet | None = None
    found: dict[str, Drift] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def training_data_of(version: ModelVersion) -> DataSet | None:
    """The record of what the version was trained on: by its digest, else by the name given."""
    use_case = use_case_of(version.model)
    if use_case is None:
        return None
    records = DataSet.objects.filter(use_case=use_case)
    if version.training_data_digest:
        return records.filter(digest=version.training_data_digest).first()
    name = version.training_data.strip()
    named = [one for one in records.filter(name__in=_beginnings(name)) if str(one) == name]
    return named[0] if named else None


def measure_drifts(
    evaluation: Evaluation,
    fields: Sequence[str],
    *,
    progress: Progress = lambda done, total, text: None,
) -> Drifts:
    """Reads both files, so it is a worker's work; what cannot be measured says why."""
    if not fields:
        return Drifts()
    reference = training_data_of(evaluation.version)
    if why_not := _why_not(evaluation, reference):
        return Drifts(reference, faults=dict.fromkeys(fields, why_not))
    try:
        with _both_tables(evaluation, reference, progress) as (session, before, now):
            return _measured(session, reference, (before, now), fields)
    except Invalid as error:
        return Drifts(reference, faults=dict.fromkeys(fields, error.sentence.rstrip(".")))


def _beginnings(name: str) -> list[str]:
    """“credit 2024-06” may be a name alone, or a name and a version."""
    words = name.split(" ")
    return [" ".join(words[:end]) for end in range(1, len(words) + 1)]


def _why_not(evaluation: Evaluation, reference: DataSet | None) -> str:
    version = evaluation.version
    if not (version.training_data or version.training_data_digest):
        return f"{version.label} does not say what it was trained on"
    if reference is None:
        return f"the training data of {version.label} are not recorded as a data set"
    if not reference.is_ready:
        return f"the rows of {reference}, the training data, were not read; record its file"
    if evaluation.is_reported or evaluation.source_kind == Evaluation.Source.TABLE:
        return "the rows of the evaluation are not here"
    return ""


@contextmanager
def _both_tables(
    evaluation: Evaluation, reference: DataSet, progress: Progress
) -> Iterator[tuple[Session, Table, Table]]:
    with ExitStack() as stack:
        scratch = stack.enter_context(sources.scratch_folder())
        before = stack.enter_context(
            _file(reference, reference.digest, scratch / "before", progress)
        )
        now = stack.enter_context(
            _file(evaluation, evaluation.data_digest, scratch / "now", progress)
        )
        session = Session(
            [before[0], now[0]],
            scratch=scratch,
            memory=duckdb_share(settings.EVALUATION_MEMORY),
            threads=settings.EVALUATION_THREADS,
        )
        stack.callback(session.close)
        tables = [open_table(session, file) for file, _digest in (before, now)]
        for table in tables:
            refuse_too_many(session, table, settings.EVALUATION_MAX_ROWS)
        yield session, *tables


def _file(
    named: DataSet | Evaluation, digest: str, folder: Path, progress: Progress
) -> AbstractContextManager[tuple[Path, str]]:
    folder.mkdir()
    return sources.local_file(
        named.source_kind,
        named.source,
        named.artifact,
        known_digest=digest,
        scratch=folder,
        progress=progress,
    )


def _measured(
    session: Session, reference: DataSet, tables: tuple[Table, Table], fields: Sequence[str]
) -> Drifts:
    drifts = Drifts(reference)
    for name in fields:
        lacking = [
            title
            for title, table in zip((str(reference), "the evaluation"), tables, strict=True)
            if name not in table.names
        ]
        if lacking:
            drifts.faults[name] = f"{' and '.join(lacking)} has no column {name}"
            continue
        with faults_named(tables[1].title):
            counts = _counts(session, tables, name)
        if found := drift(*counts):
            drifts.found[name] = found
        else:
            drifts.faults[name] = f"{name} is empty"
    return drifts


def _counts(
    session: Session, tables: tuple[Table, Table], name: str
) -> tuple[list[int], list[int]]:
    """Counts both sides over the same bins; a missing value is a bin too."""
    kind = reference_kind(session, tables[0], name)
    binning = (
        _tenths(session, tables[0], name)
        if kind == "number"
        else _values(session, tables[0], name)
    )
    both = [binning.counted(session, table) for table in tables]
    bins = sorted(set(both[0]) | set(both[1]))
    return tuple([counts.get(one, 0) for one in bins] for counts in both)


def reference_kind(session: Session, table: Table, name: str) -> str:
    """Whether the training data hold numbers there, with more values than bins are made for."""
    text = _text(name)
    found = session.row(
        f"SELECT count({text}) AS present, count(TRY_CAST({text} AS DOUBLE)) AS numbers, "
        f"approx_count_distinct({text}) AS different FROM {table.relation}",
        table.parameters,
    )
    is_number = found["present"] and found["numbers"] == found["present"]
    return "number" if is_number and found["different"] > len(TENTHS) + 1 else "value"


@dataclass(frozen=True)
class _Binning:
    """An expression that names the bin of a row, with what it needs as parameters."""

    expression: str
    parameters: Sequence[str] = ()

    def counted(self, session: Session, table: Table) -> dict[str, int]:
        found = session.rows(
            f"SELECT ({self.expression})::VARCHAR AS bin, count(*) FROM {table.relation} GROUP BY 1",
            [*self.parameters, *table.parameters],
        )
        return dict(found)


def _tenths(session: Session, table: Table, name: str) -> _Binning:
    """Bins between the tenths of the training data, of about a million rows, always the same."""
    number = f"TRY_CAST({_text(name)} AS DOUBLE)"
    count = session.row(f"SELECT count(*) AS n FROM {table.relation}", table.parameters)["n"]
    every = max(1, count // ROWS_FOR_QUANTILES)
    found = session.row(
        f"SELECT quantile_disc(v, {TENTHS}) AS edges FROM "
        f"(SELECT {number} AS v, file_row_number AS place FROM {table.numbered}) "
        f"WHERE isfinite(v) AND hash(place) % {every} = 0",
        table.parameters,
    )
    edges = sorted(set(found["edges"] or []))
    above = " + ".join(f"({number} > {edge!r})::INT" for edge in edges) or "0"
    return _Binning(f"CASE WHEN isfinite({number}) THEN {above} ELSE -1 END")


def _values(session: Session, table: Table, name: str) -> _Binning:
    """Bins of single values; 1 and 1.0 are the same one, whatever kind of file says so."""
    text = f"coalesce(TRY_CAST({_text(name)} AS DOUBLE)::VARCHAR, {_text(name)})"
    found = session.rows(
        f"SELECT {text} AS v, count(*) AS n FROM {table.relation} WHERE {text} IS NOT NULL "
        f"GROUP BY v ORDER BY n DESC, v LIMIT {MOST_BINS}",
        table.parameters,
    )
    own = [value for value, _n in found]
    if not own:
        return _Binning(f"CASE WHEN {text} IS NULL THEN '' ELSE 'other' END")
    marks = ", ".join("?" for _ in own)
    return _Binning(
        f"CASE WHEN {text} IS NULL THEN '' WHEN {text} IN ({marks}) THEN '=' || {text} "
        "ELSE 'other' END",
        own,
    )


def _text(name: str) -> str:
    return f"nullif(trim({quoted(name)}::VARCHAR), '')"
