"""Each finding passes and fails for its reason, on real ONNX models in a real child."""

import sys
import time

import numpy as np
import pytest

from governance.errors import Invalid
from governance.infra.queries import checks_of, figures_of, latest_check
from tests.infra import models
from tests.infra.factories import checked, findings, outcomes, requested, table
from tests.registry.factories import version as registered_version

pytestmark = pytest.mark.django_db


def columns(rows):
    return {f"f{at}": rows[:, at] for at in range(rows.shape[1])}


def test_a_sound_model_passes_everything_that_was_asked():
    rows = models.rows()
    stored = models.classifier().predict_proba(rows)[:, 1]

    check = checked(
        rows=table(columns(rows)),
        golden=table(columns(rows) | {"score": stored}),
        expected={"score": "probabilities[1]"},
        lowest=0,
        highest=1,
        range_output="probabilities",
        p95_ms=200,
        golden_within=1e-5,
    )

    assert outcomes(check) == {
        "digest": "pass",
        "scan": "pass",
        "opens": "pass",
        "schema": "pass",
        "finite": "pass",
        "range": "pass",
        "same": "pass",
        "latency_p95": "pass",
        "latency_batch": "pass",
        "memory_peak": "pass",
        "versions": "skipped",
        "golden": "pass",
    }
    assert check.state == "passed"
    found = findings(check)
    assert "CPUExecutionProvider" in found["opens"].sentence
    assert "40 rows of the sample" in found["schema"].sentence
    assert 0 < found["latency_p95"].value < found["latency_p95"].limit == 200
    assert 20 < found["memory_peak"].value < found["memory_peak"].limit == 1024
    assert check.ran_with["onnxruntime"]
    assert check.isolation


def test_the_figures_that_rules_may_use_are_those_of_the_newest_finished_check():
    check = checked()
    version = check.version

    assert latest_check(version) == check
    assert [one.pk for one in checks_of(version)] == [check.pk]
    figures = figures_of(check)
    assert figures["latency_p95"] == findings(check)["latency_p95"].value > 0
    assert figures["memory_peak"] == findings(check)["memory_peak"].value > 20


def test_without_a_sample_rows_are_made_up_and_the_finding_says_so():
    assert "made up at random (seed 42)" in findings(checked())["schema"].sentence


def test_probabilities_as_a_list_of_mappings_are_understood():
    check = checked(models.logistic(zipmap=True), lowest=0, highest=1)

    assert (check.state, outcomes(check)["range"]) == ("passed", "pass")
    assert "output_probability" in findings(check)["schema"].sentence


@pytest.mark.parametrize(
    ("content", "asked", "key", "says"),
    [
        (models.not_a_number(), {}, "finite", "NaN or infinite"),
        (models.random_answers(), {}, "same", "Asked twice, numbers differ by up to"),
        (models.one_answer_for_all(), {}, "schema", "answers 1 (shape [1, 1])"),
        (models.identity(), {"lowest": 0, "highest": 1}, "range", "not from 0 to 1"),
        (models.identity(), {"lowest": 0, "range_output": "q"}, "range", "no output “q”"),
        (models.identity(), {"p95_ms": 1e-6}, "latency_p95", "1e-06 ms was allowed"),
        (models.custom_operator(), {}, "opens", "com.evil.Exfiltrate"),
        (models.outside_weights("../../etc/passwd"), {}, "opens", "outside its own folder"),
        (models.outside_weights("/etc/passwd"), {}, "opens", "outside its own folder"),
        (models.logistic()[:200], {}, "opens", "cut off"),
        (b"\x80\x04 this is no model", {}, "opens", "not an ONNX model"),
        (b"", {}, "opens", "The file is empty."),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_a_broken_model_fails_for_its_reason(content, asked, key, says):
    check = checked(content, **asked)

    finding = findings(check)[key]
    assert (check.state, finding.outcome) == ("failed", "fail")
    assert says in finding.sentence


def test_a_tolerance_lets_small_differences_pass():
    assert checked(models.random_answers(), same_within=1000).state == "passed"


def test_a_loop_without_end_is_ended_at_its_limit():
    started = time.monotonic()

    check = checked(models.loop(2**62), seconds=2)

    assert time.monotonic() - started < 30
    assert check.state == "failed"
    assert findings(check)["schema"].sentence == (
        "Sending rows through it: it was ended after 2 s, the limit."
    )
    assert outcomes(check)["latency_p95"] == "skipped"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_what_eats_memory_is_stopped_at_its_limit():
    check = checked(models.glutton(600), memory_mb=256)

    assert (check.state, outcomes(check)["memory_peak"]) == ("failed", "fail")
    assert "256 MB of memory, the limit" in findings(check)["schema"].sentence
    assert findings(check)["memory_peak"].value < 300


def test_memory_held_for_a_moment_counts_though_the_model_answers():
    check = checked(models.glutton(150), memory_mb=256)

    finding = findings(check)["memory_peak"]
    assert (check.state, finding.outcome) == ("failed", "fail")
    assert "256 MB" in finding.sentence


def test_the_same_model_passes_with_memory_enough():
    check = checked(models.glutton(200), memory_mb=1024, seconds=15)

    assert check.state == "passed"
    assert findings(check)["memory_peak"].value > 250


def test_a_slow_model_has_no_p95_where_too_few_runs_fit():
    check = checked(models.loop(1_500_000), seconds=12, p95_ms=1)

    finding = findings(check)["latency_p95"]
    assert (check.state, finding.outcome) == ("not_possible", "undefined")
    assert "a p95 needs 20" in finding.sentence


def test_other_files_than_the_registered_ones_are_not_opened():
    version = registered_version(digest="sha256:" + "0" * 64)

    check = checked(version=version)

    assert check.state == "failed"
    assert "Nothing was opened" in findings(check)["digest"].sentence
    assert set(outcomes(check).values()) == {"fail", "skipped"}


def test_without_a_known_digest_nothing_passes():
    check = checked(version=registered_version())

    assert (check.state, outcomes(check)["digest"]) == ("not_possible", "undefined")
    assert outcomes(check)["opens"] == "pass"


def test_columns_fill_inputs_by_their_names_whatever_their_order():
    sample = table({"purpose": ["car", "house"], "unused": [1, 2], "amount": [10, 20.5]})
    golden = table({"amount": [3.5], "purpose": ["boat"], "y": [3.5], "z": ["boat"]})

    check = checked(models.by_columns(), rows=sample, golden=golden)

    assert check.state == "passed"
    assert "1 golden row, y, z: as stored" in findings(check)["golden"].sentence


def test_a_model_that_takes_two_rows_at_once_is_sent_two_at_once():
    check = checked(models.in_pairs(), rows=table(columns(models.rows(5))))

    assert check.state == "passed"
    assert findings(check)["schema"].value == 5


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        ({"amount": [1]}, "no column for the inputs “purpose”"),
        ({"amount": ["much"], "purpose": ["car"]}, "Column “amount” holds text"),
    ],
)
def test_rows_that_do_not_fit_are_named(sample, says):
    check = checked(models.by_columns(), rows=table(sample))

    assert says in findings(check)["schema"].sentence
    assert check.state == "failed"


def test_a_row_of_the_wrong_width_is_named():
    check = checked(rows=table({"a": [1], "b": [2]}))

    assert "takes 4 values a row in “X”; the rows have 2 columns" in (
        findings(check)["schema"].sentence
    )


def test_golden_rows_off_by_more_than_the_tolerance_fail():
    rows = models.rows()
    stored = models.classifier().predict_proba(rows)[:, 1]
    stored[3] += 0.01
    golden = columns(rows) | {"score": stored}

    check = checked(
        golden=table(golden), expected={"score": "probabilities[1]"}, golden_within=1e-3
    )

    finding = findings(check)["golden"]
    assert (check.state, finding.outcome) == ("failed", "fail")
    assert finding.value == pytest.approx(0.01, abs=1e-4)
    assert "off by up to 0.01; 0.001 was allowed" in finding.sentence


@pytest.mark.parametrize(("wrong", "outcome"), [(0, "pass"), (1, "fail")])
def test_golden_classes_are_compared_exactly(wrong, outcome):
    rows = models.rows()
    labels = models.classifier().predict(rows)
    labels[:wrong] = 1 - labels[:wrong]

    check = checked(golden=table(columns(rows) | {"label": labels}))

    assert outcomes(check)["golden"] == outcome
    assert ("1 answer not the stored one" in findings(check)["golden"].sentence) == bool(wrong)


def test_a_golden_output_that_is_not_there_is_named():
    golden = columns(models.rows(3)) | {"score": [0.1, 0.2, 0.3]}

    check = checked(golden=table(golden), expected={"score": "probabilities"})

    assert "say which, as probabilities[1]" in findings(check)["golden"].sentence


def test_a_function_of_the_model_itself_is_no_custom_operator():
    assert checked(models.own_function()).state == "passed"


def test_weights_in_a_file_beside_the_model_are_read():
    weights = np.ones(models.FEATURES, dtype=np.float32).tobytes()
    files = {"model.onnx": models.outside_weights("weights.data"), "weights.data": weights}

    check = checked(files)

    assert check.state == "passed"
    assert "nothing beside the model" in findings(check)["scan"].sentence


@pytest.mark.django_db(transaction=True)
def test_a_check_leaves_no_upload_behind(tmp_path):
    check = checked(rows=table(columns(models.rows())))

    assert check.state == "passed"
    assert check.artifact["digest"] == check.artifact_digest
    assert not [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]


def test_an_upload_that_is_refused_is_removed(tmp_path, settings):
    settings.EVALUATION_ROOTS = [str(tmp_path)]

    with pytest.raises(Invalid, match="There is no file"):
        requested(rows=str(tmp_path / "none.csv"))

    assert not [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
