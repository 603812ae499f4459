import hashlib

import duckdb
import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.errors import Invalid
from governance.evaluation import engine
from governance.evaluation.columns import Columns
from governance.metrics.catalogue import measure
from governance.metrics.metric import Terms
from tests.evaluation.factories import predictions

MAPPED = Columns("score", "bad", slices=("age",))


def told(done, total, text):
    assert 0 <= done <= total


@pytest.fixture
def run(tmp_path):
    """Measures a frame as Parquet, text as CSV."""

    def measured(content, columns=MAPPED, *, few_rows=engine.FEW_ROWS, progress=told):
        file = tmp_path / "predictions"
        if isinstance(content, str | bytes):
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        else:
            content.to_parquet(file, index=False)
        return engine.measure(
            file,
            columns,
            terms=Terms(threshold=0.3),
            scratch=tmp_path,
            progress=progress,
            limits=engine.Limits(few_rows=few_rows),
        )

    return measured


def figures(tally):
    return {key: e.value for key, e in measure("binary", tally, Terms(threshold=0.3)).items()}


def crowded(rows, seed=1):
    """A rare event: scores crowd near 0."""
    random = np.random.default_rng(seed)
    scores = random.beta(0.5, 200, rows)
    return predictions(rows, score=scores, bad=(random.random(rows) < scores).astype(int))


def in_steps(rows):
    return predictions(rows, score=np.round(predictions(rows).score, 1))


def in_single_precision(rows):
    return predictions(rows, score=predictions(rows).score.astype(np.float32))


def at_the_ends(rows):
    score = predictions(rows).score.to_numpy()
    return predictions(
        rows, score=np.where(score < 0.2, 0.0, np.where(score > 0.6, 1.0, score))
    )


FRAMES = [predictions, crowded, in_steps, in_single_precision, at_the_ends]


@pytest.mark.parametrize("frame_of", FRAMES)
def test_bins_agree_with_ranking_every_row(run, frame_of):
    frame = frame_of(30_000)

    exact, binned = run(frame), run(frame, few_rows=0)

    assert exact.ranking == "exact"
    for one, other in zip(
        [exact.all_rows, *exact.slices], [binned.all_rows, *binned.slices], strict=True
    ):
        assert (one.field, one.value) == (other.field, other.value)
        assert one.tally.decisions == other.tally.decisions
        ours, theirs = figures(other.tally), figures(one.tally)
        assert abs(ours["auc"] - theirs["auc"]) <= max(1e-12, other.tally.auc_error)
        bound = 1e-5 if one.field == "" else 1e-4
        assert ours["auc"] == pytest.approx(theirs["auc"], abs=bound)
        assert ours["pr_auc"] == pytest.approx(theirs["pr_auc"], abs=5e-4)
        for key in ("logloss", "brier", "ece", "accuracy", "recall", "fpr"):
            assert ours[key] == pytest.approx(theirs[key], rel=1e-6, abs=1e-7), key


@pytest.mark.parametrize("frame_of", FRAMES)
def test_the_ranking_agrees_with_scikit_learn(run, frame_of):
    frame = frame_of(20_000)

    found = figures(run(frame, few_rows=0).overall)

    assert found["auc"] == pytest.approx(
        peer.roc_auc_score(frame.bad, frame.score.astype(float)), abs=1e-5
    )
    assert found["pr_auc"] == pytest.approx(
        peer.average_precision_score(frame.bad, frame.score.astype(float)), abs=5e-5
    )


def test_scores_in_steps_are_exact_in_bins_too(run):
    frame = in_steps(20_000)

    binned = run(frame, few_rows=0)

    assert binned.ranking == "exact"
    assert figures(binned.overall)["auc"] == pytest.approx(
        peer.roc_auc_score(frame.bad, frame.score), abs=1e-12
    )


def test_constant_scores_rank_nothing(run):
    found = figures(run(predictions(1000, score=0.25), few_rows=0).overall)

    assert found["auc"] == 0.5


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from(["a", "b", None, ""])),
        min_size=12,
        max_size=60,
    ).filter(lambda rows: 0 < sum(r[1] for r in rows) < len(rows))
)
def test_both_ways_agree_on_any_rows(run, rows):
    frame = pd.DataFrame(rows, columns=["score", "bad", "age"])

    exact, binned = run(frame), run(frame, few_rows=0)

    for one, other in zip(
        [exact.all_rows, *exact.slices], [binned.all_rows, *binned.slices], strict=True
    ):
        assert (one.value, one.tally.n) == (other.value, other.tally.n)
        assert one.tally.decisions == other.tally.decisions
        assert one.tally.log_loss == pytest.approx(other.tally.log_loss, rel=1e-6, abs=1e-6)


def test_csv_and_parquet_of_the_same_rows_give_the_same_result(run):
    frame = predictions(500)

    one, other = run(frame), run(frame.to_csv(index=False))

    assert one.rows_digest == other.rows_digest
    assert figures(one.overall) == pytest.approx(figures(other.overall))


def test_every_value_of_a_slice_field_is_measured(run):
    frame = predictions(300, age=["young", "old", None] * 100)

    found = run(frame)

    assert [(s.field, s.value, s.tally.n) for s in found.slices] == [
        ("age", "(missing)", 100),
        ("age", "old", 100),
        ("age", "young", 100),
    ]


def test_numbers_make_slices_in_their_own_order(run):
    found = run(predictions(300, age=[10, 9, 100] * 100))

    assert [s.value for s in found.slices] == ["9", "10", "100"]


@pytest.mark.parametrize("few_rows", [0, engine.FEW_ROWS])
def test_minus_zero_is_zero(run, few_rows):
    found = run(predictions(300, age=[0.0, -0.0, 1.5] * 100), few_rows=few_rows)

    assert [(s.value, s.tally.n) for s in found.slices] == [("0.0", 200), ("1.5", 100)]


def test_the_digest_does_not_depend_on_the_order_of_keyed_rows(run):
    keyed = Columns("score", "bad", row_key="id")
    frame = predictions(500)

    one, other = run(frame, keyed), run(frame.sample(frac=1, random_state=3), keyed)

    assert one.rows_digest == other.rows_digest
    assert one.rows_digest.startswith("key:500:")


@pytest.mark.parametrize("columns", [Columns("score", "bad", row_key="id"), MAPPED])
def test_the_digest_knows_labels_but_not_scores(run, columns):
    frame = predictions(500)
    digest = run(frame, columns).rows_digest

    flipped = predictions(500)
    flipped.loc[7, "bad"] = 1 - flipped.loc[7, "bad"]

    assert run(predictions(500, score=0.5), columns).rows_digest == digest
    assert run(flipped, columns).rows_digest != digest


def test_without_a_key_the_order_of_rows_counts(run):
    frame = predictions(500)

    assert run(frame).rows_digest != run(frame.iloc[::-1]).rows_digest


def test_the_same_rows_in_another_order_give_the_same_sums(run):
    frame = predictions(5000)
    shuffled = frame.sample(frac=1, random_state=3)

    one, other = run(frame, few_rows=0).overall, run(shuffled, few_rows=0).overall

    assert (one.log_loss, one.squared_error) == (other.log_loss, other.squared_error)


def with_bad(column, value, row=41, rows=200):
    frame = predictions(rows).astype({"score": object, "bad": object, "id": object})
    frame.loc[row, column] = value
    return frame


KEYED = Columns("score", "bad", row_key="id")
BAD_VALUES = [
    ("score", 1.7, "“score” is 1.7, outside [0, 1]"),
    ("score", -0.1, "“score” is -0.1, outside [0, 1]"),
    ("score", float("nan"), "“score” "),
    ("score", "high", "“score” is “high”, not a number"),
    ("score", None, "“score” has no score"),
    ("bad", 2, "“bad” is “2”, not 0 or 1"),
    ("bad", 0.5, "“bad” is “0.5”, not 0 or 1"),
    ("bad", "yes", "“bad” is “yes”, not 0 or 1"),
    ("bad", None, "“bad” has no label"),
    ("id", None, "“id” has no row key"),
]


@pytest.mark.parametrize(("column", "value", "sentence"), BAD_VALUES)
def test_a_bad_value_is_refused_with_its_line(run, column, value, sentence):
    text = with_bad(column, value).to_csv(index=False)

    with pytest.raises(Invalid) as refusal:
        run(text, KEYED)

    assert refusal.value.sentence.startswith(f"Line 43: {sentence}")
    assert refusal.value.field.startswith("columns.")


@pytest.mark.parametrize(("column", "value", "sentence"), BAD_VALUES)
def test_a_bad_value_in_parquet_is_refused_with_its_row(run, column, value, sentence):
    frame = with_bad(column, value)
    if isinstance(value, str):
        frame[column] = frame[column].astype(str)
    else:
        frame[column] = frame[column].astype(float)

    with pytest.raises(Invalid) as refusal:
        run(frame, KEYED)

    assert refusal.value.sentence.startswith("Row 42: ")


def test_the_line_is_right_behind_texts_with_line_breaks(run):
    text = 'score,bad,age\n0.1,0,"a\nb"\n\n0.2,1,c\n9,1,c\n'

    with pytest.raises(Invalid, match=r"^Line 6: “score” is 9, outside"):
        run(text)


def test_how_many_rows_are_bad_is_told(run):
    frame = predictions(100, score=[0.5, 2.0] * 50)

    with pytest.raises(Invalid, match=r"\(50 such rows\)"):
        run(frame)


@pytest.mark.parametrize(("label", "bad"), [("0", 0), ("1", 1)])
def test_one_class_only_is_refused(run, label, bad):
    with pytest.raises(Invalid, match=f"Every label in “bad” is {label}; both"):
        run(predictions(50, bad=bad))


def test_values_that_read_like_our_own_words_stay_apart(run):
    found = run(predictions(200, age=["(missing)", None, "(empty)", ""] * 50))

    assert [s.value for s in found.slices] == [
        "(missing)",
        "(empty)",
        "“(empty)”",
        "“(missing)”",
    ]


def test_a_damaged_parquet_is_refused_whatever_is_damaged(run, tmp_path):
    predictions(2000).to_parquet(tmp_path / "whole", index=False)
    whole = (tmp_path / "whole").read_bytes()
    random = np.random.default_rng(4)
    refused = 0

    for _ in range(40):
        damaged = bytearray(whole)
        for place in random.integers(4, len(whole), 10):
            damaged[place] = random.integers(256)
        try:
            run(bytes(damaged), KEYED)
        except Invalid as refusal:
            refused += 1
            assert str(tmp_path) not in refusal.sentence

    assert refused > 20


def test_the_digest_can_be_computed_elsewhere(run):
    frame = predictions(50)
    hashes = [
        hashlib.md5(f"{row.id}\x1f{row.bad}".encode()).digest()[8:]
        for row in frame.itertuples()
    ]
    total = sum(int.from_bytes(half, "little") for half in hashes)

    assert run(frame, KEYED).rows_digest == f"key:50:{total:x}"


def test_too_many_slice_values_are_refused(run):
    with pytest.raises(Invalid, match="“age” has more than 50 values"):
        run(predictions(200, age=range(200)))


def test_fifty_slice_values_are_measured(run):
    assert len(run(predictions(1000, age=list(range(50)) * 20)).slices) == 50


def test_a_repeated_row_key_is_refused(run):
    with pytest.raises(Invalid, match="The row key “7” occurs more than once in “id”"):
        run(predictions(50, id=[7, 7, *range(100, 148)]), KEYED)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("score,bad,age\n0.1,0\n", "Line 2: the file cannot be read as CSV: Expected Number"),
        ("score,bad,age\n0.1,0,a\n0.2,1,b,c\n", "Line 3: the file cannot be read as CSV"),
        ('score,bad,age\n0.1,0,"a\n', "cannot be read as CSV: Value with unterminated quote"),
        (b"score,bad,age\n0.1,0,\xff\n", "cannot be read as CSV: Invalid unicode"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line(run, text, sentence):
    with pytest.raises(Invalid, match=sentence):
        run(text)


def test_a_truncated_parquet_is_refused(run, tmp_path):
    predictions(500).to_parquet(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()

    with pytest.raises(Invalid, match="cannot be read as Parquet"):
        run(whole[:-200])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(run, delimiter):
    text = predictions(50).to_csv(index=False, sep=delimiter)

    assert run(text).rows == 50


def test_a_byte_order_mark_and_windows_line_ends_are_read(run):
    text = b"\xef\xbb\xbf" + predictions(50).to_csv(index=False).replace("\n", "\r\n").encode()

    assert run(text).rows == 50


def test_names_that_look_like_sql_are_only_names(run):
    name = 'a"; DROP TABLE x; --'
    frame = predictions(60).rename(columns={"age": name})
    frame[name] = ["it's", 'say "x"'] * 30

    found = run(frame, Columns("score", "bad", slices=(name,)))

    assert [s.value for s in found.slices] == ["it's", 'say "x"']


def test_the_session_opens_no_other_file(tmp_path):
    import duckdb

    from governance.evaluation.session import Session

    (tmp_path / "scratch").mkdir()
    predictions(10).to_parquet(tmp_path / "other")
    session = Session([tmp_path / "mine"], scratch=tmp_path / "scratch", memory="100MB")

    for sql in (
        f"SELECT * FROM read_parquet('{tmp_path / 'other'}')",
        "SELECT * FROM read_csv('/etc/hostname')",
        f"COPY (SELECT 1) TO '{tmp_path / 'written'}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            session.rows(sql)


class Stopped(Exception):
    pass


@pytest.mark.parametrize("few_rows", [0, engine.FEW_ROWS])
def test_a_measurement_stops_when_progress_says_so(run, few_rows):
    def stop_later(done, total, text):
        if text.startswith(("Ranking", "Counting")):
            raise Stopped

    with pytest.raises(Stopped):
        run(predictions(1000), few_rows=few_rows, progress=stop_later)


def test_progress_only_goes_forward(run):
    seen = []

    run(
        predictions(1000),
        few_rows=0,
        progress=lambda done, total, text: seen.append(done / total),
    )

    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1


def test_a_small_file_of_endlessly_many_rows_is_refused_before_it_is_read(run, tmp_path):
    duckdb.connect().execute(
        "COPY (SELECT 0.5 AS score, i % 2 AS bad, 'x' AS age FROM range(3000000) AS t(i)) "
        f"TO '{tmp_path / 'bomb'}' (FORMAT parquet, COMPRESSION zstd)"
    )

    with pytest.raises(Invalid, match="3,000,000 rows; this server measures 1,000,000 at most"):
        engine.measure(
            tmp_path / "bomb",
            MAPPED,
            terms=Terms(),
            scratch=tmp_path,
            progress=told,
            limits=engine.Limits(most_rows=1_000_000),
        )


def test_far_more_rows_than_fit_into_memory_are_measured(tmp_path):
    """Twenty-five million scores are 200 MB alone; the measurement has 150 MB for everything."""
    file = tmp_path / "large"
    duckdb.connect().execute(
        "COPY (SELECT (hash(i) % 1000003) / 1000003 AS score, "
        "((hash(i + 1) % 1000) < 300)::INT AS bad, 'group ' || (hash(i + 2) % 40) AS age "
        f"FROM range(25000000) AS t(i)) TO '{file}' (FORMAT parquet)"
    )

    result = engine.measure(
        file,
        MAPPED,
        terms=Terms(),
        scratch=tmp_path,
        progress=told,
        limits=engine.Limits(memory="200MB", threads=1),
    )

    assert result.rows == 25_000_000
    assert len(result.slices) == 40
    assert measure("binary", result.overall, Terms())["auc"].value == pytest.approx(
        0.5, abs=1e-3
    )


def test_progress_tells_rows(run):
    texts = []

    run(predictions(3_000), progress=lambda done, total, text: texts.append(text))

    assert any(text.endswith("of 3,000 rows") for text in texts)
