"""Files that could hold code are scanned in a child and never loaded; what cannot be scanned does not pass."""

import pickle
from collections import OrderedDict

import numpy as np
import pytest

from tests.infra import models
from tests.infra.factories import checked, findings, harmful_pickle, outcomes

pytestmark = pytest.mark.django_db


def test_a_harmful_pickle_is_found_and_not_run(tmp_path):
    mark = tmp_path / "it-ran"

    check = checked({"model.pkl": harmful_pickle(mark), "MLmodel": b"flavors: {}"})

    assert (check.state, outcomes(check)["scan"]) == ("failed", "fail")
    sentence = findings(check)["scan"].sentence
    assert "model.pkl: system of posix" in sentence
    assert "Scanned, not opened." in sentence
    assert not mark.exists()
    pickle.loads(harmful_pickle(mark))  # the same bytes, loaded: this is what was prevented
    assert mark.exists()


@pytest.mark.parametrize(
    "name", ["extra.pkl", "extra.joblib", "deep/extra.pickle", "extra.dat"]
)
def test_a_harmful_pickle_beside_a_sound_model_fails_it(name, tmp_path):
    check = checked(
        {"model.onnx": models.logistic(), name: harmful_pickle(tmp_path / "it-ran")}
    )

    assert (check.state, outcomes(check)["opens"]) == ("failed", "pass")
    assert outcomes(check)["scan"] == "fail"
    assert not (tmp_path / "it-ran").exists()


def test_a_harmless_pickle_is_scanned_and_not_opened():
    check = checked({"model.pkl": pickle.dumps({"weights": [1.0, 2.0]})})

    found = findings(check)
    assert (check.state, found["scan"].outcome) == ("not_possible", "pass")
    assert "proves nothing against what it does not know" in found["scan"].sentence
    assert "model.pkl is scanned, not opened" in found["opens"].sentence


def test_a_harmless_pickle_does_not_spoil_a_sound_model():
    check = checked({"model.onnx": models.logistic(), "names.pkl": pickle.dumps(["a", "b"])})

    assert (check.state, outcomes(check)["scan"]) == ("passed", "pass")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", b"\x00\x01 nobody knows what this is"),
        ("model.weights", b"unknown"),
        ("predict.py", b"import os\n"),
        ("notes.txt", b"\x80\x04\x95 a pickle under another name"),
        ("cut.pkl", pickle.dumps(list(range(1000)))[:-20]),
        ("two.pkl", pickle.dumps(OrderedDict) + b"\x80\x04 broken"),
        ("model.pt", b"PK\x03\x04 a broken archive"),
        ("model.h5", b"\x89HDF\r\n\x1a\n"),
    ],
)
def test_what_cannot_be_scanned_to_the_end_never_passes(name, content):
    check = checked({"model.onnx": models.logistic(), name: content})

    assert (check.state, outcomes(check)["scan"]) == ("not_possible", "undefined")
    assert name in findings(check)["scan"].sentence


def test_an_array_that_the_scanner_does_not_understand_never_passes(tmp_path):
    np.save(tmp_path / "plain.npy", np.arange(5))

    check = checked(
        {"model.onnx": models.logistic(), "plain.npy": (tmp_path / "plain.npy").read_bytes()}
    )

    assert outcomes(check)["scan"] in ("pass", "undefined")
    assert (check.state == "passed") == (outcomes(check)["scan"] == "pass")


def test_a_scanner_that_is_missing_is_no_pass(monkeypatch):
    from governance.infra import running

    def without_scanner(task, **limits):
        told = real(task, **limits)
        if task["kind"] == "scan":
            told.events = [one for one in told.events if one["event"] == "confined"]
            told.ended = "died"
        return told

    real = running.run
    monkeypatch.setattr(running, "run", without_scanner)

    check = checked({"model.onnx": models.logistic(), "a.pkl": pickle.dumps(1)})

    assert (check.state, outcomes(check)["scan"]) == ("not_possible", "undefined")
    assert "the scan did not end" in findings(check)["scan"].sentence


@pytest.mark.parametrize("name", ["weights.pkl", "weights.data"])
def test_a_pickle_is_scanned_though_the_model_calls_it_its_weights(name, tmp_path):
    content = harmful_pickle(tmp_path / "it-ran")

    check = checked({"model.onnx": models.outside_weights(name), name: content})

    assert (check.state, outcomes(check)["scan"]) == ("failed", "fail")
    assert not (tmp_path / "it-ran").exists()
