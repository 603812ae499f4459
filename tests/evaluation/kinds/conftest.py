import pytest

from governance.evaluation import engine
from governance.evaluation.columns import Columns
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms


@pytest.fixture
def figures(tmp_path):
    """Measures a frame; returns every metric by slice, ("", "") being all rows."""

    def measured(frame, columns, *, few_rows=engine.FEW_ROWS, as_csv=False, **terms):
        file = tmp_path / "predictions"
        frame.to_csv(file, index=False) if as_csv else frame.to_parquet(file, index=False)
        terms = Terms(**terms)
        result = engine.measure(
            file,
            columns if isinstance(columns, Columns) else Columns.from_mapping(*columns),
            terms=terms,
            scratch=tmp_path,
            progress=lambda done, total, text: None,
            limits=engine.Limits(few_rows=few_rows),
        )
        return {
            (one.field, one.value): measure(one.task, one.tally, terms)
            for one in (result.all_rows, *result.slices)
        }

    return measured
