"""Tables of a warehouse measured where they lie: in PostgreSQL, and in a Spark in this process."""

import logging
import shutil
from urllib.parse import urlencode

import numpy as np
import pytest
from django.db import connection
from sqlalchemy import create_engine

from governance.errors import Invalid
from governance.evaluation import engine, pushdown, warehouses
from governance.evaluation.columns import Columns
from governance.evaluation.models import Evaluation
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms
from tests.evaluation.factories import COSTS, measured, predictions

TERMS = Terms(threshold=0.3, costs=COSTS)
SLICES = ["age", {"cross": [{"field": "years", "edges": [30, 60]}, "age"]}]
COLUMNS = Columns("score", "bad", row_key="id", slices=SLICES)


def quiet(done, total, text):
    pass


def people(rows=30_000):
    random = np.random.default_rng(8)
    frame = predictions(rows, years=random.integers(18, 90, rows))
    return frame.assign(
        age=np.where(random.random(rows) < 0.01, None, frame.age),
        id=[f"k{i}" for i in frame.id],
    )


@pytest.fixture(scope="module")
def frame():
    return people()


@pytest.fixture(scope="module")
def of_the_file(frame, tmp_path_factory):
    """What the same rows measure as a file, in bins."""
    folder = tmp_path_factory.mktemp("file")
    frame.to_parquet(folder / "predictions", index=False)
    return engine.measure(
        folder / "predictions",
        COLUMNS,
        terms=TERMS,
        scratch=folder,
        progress=quiet,
        limits=engine.Limits(few_rows=0),
    )


@pytest.fixture
def postgres(db, frame, settings):
    """The rows as a table of the test's own PostgreSQL, and its address as a warehouse."""
    known = connection.get_connection_params()
    named = {key: value for key, value in known.items() if isinstance(value, str | int)}
    address = f"postgresql+psycopg2://?{urlencode(named)}"
    with create_engine(address).connect() as opened:
        frame.to_sql("predictions_of_june", opened, index=False, if_exists="replace")
        opened.commit()
        settings.EVALUATION_WAREHOUSES = {"house": address}
        settings.EVALUATION_ROOTS = ["warehouse://house/public"]
        yield "house"
        opened.exec_driver_sql("DROP TABLE predictions_of_june")
        opened.commit()


@pytest.fixture(scope="module")
def spark(frame, tmp_path_factory):
    """The rows as a table of a Spark in this process."""
    if not shutil.which("java"):
        pytest.skip("Spark needs a Java on the path; without one the scale path is not tried.")
    from pyspark.sql import SparkSession

    # It tells of its closing connections after the test's streams are closed.
    logging.getLogger("py4j").setLevel(logging.ERROR)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
        .getOrCreate()
    )
    session.createDataFrame(frame).createOrReplaceTempView("predictions_of_june")
    yield session
    session.stop()


def same_figures(found, expected):
    assert (found.rows, found.positives) == (expected.rows, expected.positives)
    assert found.rows_digest == expected.rows_digest
    ours = {(s.field, s.value): s.tally for s in (found.all_rows, *found.slices)}
    theirs = {(s.field, s.value): s.tally for s in (expected.all_rows, *expected.slices)}
    assert ours.keys() == theirs.keys()
    for key, tally in ours.items():
        mine, other = (measure("binary", one, TERMS) for one in (tally, theirs[key]))
        for metric in mine:
            assert mine[metric].value == pytest.approx(other[metric].value, rel=1e-8), (
                key,
                metric,
            )
            assert mine[metric].method == other[metric].method


def test_a_table_of_postgresql_measures_what_the_file_does(postgres, of_the_file):
    with warehouses.connected(postgres) as house:
        found, _ = pushdown.measure(
            house, "public.predictions_of_june", COLUMNS, terms=TERMS, progress=quiet
        )

    same_figures(found, of_the_file)


def test_a_table_of_spark_measures_what_the_file_does(spark, of_the_file):
    house = warehouses.Spark(spark)

    found, _ = pushdown.measure(
        house, "predictions_of_june", COLUMNS, terms=TERMS, progress=quiet
    )

    same_figures(found, of_the_file)


def test_every_question_can_be_said_in_every_dialect(postgres):
    asked = []

    class Listening:
        def __init__(self, house):
            self.house, self.dialect = house, house.dialect

        def rows(self, sql):
            asked.append(sql)
            return self.house.rows(sql)

        def keep(self, name, columns):
            self.house.keep(name, columns)

    with warehouses.connected(postgres) as house:
        pushdown.measure(
            Listening(house), "public.predictions_of_june", COLUMNS, terms=TERMS, progress=quiet
        )

    assert len(asked) > 6
    for dialect in {*warehouses.DIALECTS.values(), "spark"}:
        assert all(warehouses.translated(sql, dialect) for sql in asked)


def test_an_evaluation_names_a_table(postgres):
    evaluation = measured(
        source="warehouse://house/public.predictions_of_june", columns=COLUMNS.as_json()
    )

    assert (evaluation.state, evaluation.source_kind) == ("finished", "table")
    assert evaluation.rows == 30_000
    assert evaluation.data_digest.startswith("table:30000:")


def test_a_table_that_is_not_there_fails_without_telling_the_address(postgres):
    evaluation = measured(source="warehouse://house/public.nothing", columns=COLUMNS.as_json())

    assert evaluation.state == Evaluation.State.FAILED
    assert evaluation.reason == "The warehouse house refused: ProgrammingError."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"row_key": ""}, "with a row key"),
        ({"weight": "years"}, "without weights"),
        ({"slices": [{"field": "years", "quantiles": 4}]}, "quantiles"),
        ({"label": "years"}, "“years” is not 0 or 1 in 30,000 rows"),
        ({"row_key": "age"}, "“age” is not there in"),
        ({"slices": ["income"]}, "no column “income”"),
    ],
)
def test_what_is_not_pushed_down_is_refused(postgres, change, sentence):
    evaluation = measured(
        source="warehouse://house/public.predictions_of_june",
        columns={k: v for k, v in (COLUMNS.as_json() | change).items() if v},
    )

    assert evaluation.state == Evaluation.State.FAILED
    assert sentence in evaluation.reason


@pytest.mark.parametrize(
    "source",
    [
        "warehouse://house/secret.salaries",
        "warehouse://house/publicity.salaries",
        "warehouse://other/public.june",
        "warehouse://house/public.june; DROP TABLE people",
        'warehouse://house/public."june"',
        "warehouse://house/",
    ],
)
def test_only_open_tables_are_read(settings, source):
    settings.EVALUATION_WAREHOUSES = {"house": "postgresql://x"}
    settings.EVALUATION_ROOTS = ["warehouse://house/public"]

    with pytest.raises(Invalid):
        warehouses.check(source)
