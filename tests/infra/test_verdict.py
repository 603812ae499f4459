"""The verdict over findings: passed only when nothing failed and nothing that counts stayed open."""

import subprocess
import sys

import pytest

from governance.infra.findings import TITLES, Finding, Limits, Tried, of_trial, verdict
from governance.infra.requirements import declared, differing
from governance.runtime.processes import PROJECT

NEEDED = ("digest", "opens", "schema", "finite", "same", "memory_peak")


def found(**outcomes):
    told = dict.fromkeys(TITLES, "pass") | outcomes
    return [Finding(key, outcome, "") for key, outcome in told.items()]


def test_all_that_counts_must_pass():
    assert verdict(found()) == "passed"
    assert verdict(found(range="skipped", golden="skipped", latency_p95="skipped")) == "passed"
    assert verdict([]) == "not_possible"


@pytest.mark.parametrize("key", [key for key in TITLES if key != "versions"])
def test_one_failure_fails_and_one_open_end_leaves_it_open(key):
    assert verdict(found(**{key: "fail"})) == "failed"
    assert verdict(found(**{key: "undefined"})) == "not_possible"


@pytest.mark.parametrize("key", NEEDED)
def test_what_is_needed_may_not_be_skipped(key):
    assert verdict(found(**{key: "skipped"})) == "not_possible"


def test_other_libraries_fail_nothing():
    assert verdict(found(versions="undefined")) == "passed"


@pytest.mark.parametrize(
    ("ended", "code", "says"),
    [
        ("died", -11, "the child died (signal 11)"),
        ("died", 1, "the child died (exit code 1)"),
        ("time", -9, "it was ended after 5 s, the limit"),
        ("memory", -9, "it was ended at 256 MB of memory, the limit"),
    ],
)
def test_a_child_that_tells_nothing_opens_nothing(ended, code, says):
    tried = Tried({}, ended, 1.0, 0, code)

    told = of_trial(tried, Limits(seconds=5, memory_mb=256), has_golden=True)

    by_key = {one.key: one for one in told}
    assert (by_key["opens"].outcome, says in by_key["opens"].sentence) == ("fail", True)
    assert by_key["golden"].sentence == "Not reached; see “Opens in the sandbox”."
    assert verdict(told) == "failed"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("numpy==2.4.6 \\\n    --hash=sha256:abc", {"numpy": "==2.4.6"}),
        ("onnxruntime[gpu]>=1.2,<2 ; python_version > '3'", {"onnxruntime": ">=1.2,<2"}),
        ("-r other.txt\n# numpy==1\n\nNumPy\n", {"numpy": ""}),
        ("git+https://example.org/x.git", {"git": ""}),
    ],
)
def test_lines_of_requirements_are_read(lines, wanted):
    assert declared([lines], []) == wanted


@pytest.mark.parametrize(
    ("specifier", "differs"),
    [("==2.4.6", 0), ("=2.4.6", 0), (">=2", 0), ("", 0), ("==1", 1), ("~=2.5", 1), ("==?", 1)],
)
def test_a_library_holds_what_was_declared(specifier, differs):
    compared, differ = differing({"numpy": specifier}, {"numpy": "2.4.6", "python": "3.11"})

    assert (compared, len(differ)) == (["numpy 2.4.6"], differs)


def test_the_server_itself_never_loads_what_opens_models():
    script = (
        "import django, sys; django.setup(); import governance.urls, governance.infra.tasks\n"
        "print([name for name in ('onnxruntime', 'modelscan', 'onnx') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True
    )

    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr
