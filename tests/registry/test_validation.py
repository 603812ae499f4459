"""What may be written into the registry, without a database."""

import pytest

from registry import validation
from registry.errors import Invalid


@pytest.mark.parametrize(
    "name", ["", "  ", " a", "a ", "a/b", "a:b", "a\\b", ".", "..", "a\x00b", "a\nb", "x" * 257]
)
def test_model_name_is_refused(name):
    with pytest.raises(Invalid) as refusal:
        validation.model_name(name)

    assert refusal.value.field == "name"


@pytest.mark.parametrize("name", ["credit-scoring", "Kredit Größe 2", "a.b", "x" * 256])
def test_model_name_is_taken_as_it_is(name):
    assert validation.model_name(name) == name


@pytest.mark.parametrize(
    "alias", ["", "a b", "a.b", "a/b", "latest", "LATEST", "v1", "V23", "champion\n", "x" * 256]
)
def test_alias_is_refused(alias):
    with pytest.raises(Invalid):
        validation.alias_name(alias)


@pytest.mark.parametrize("alias", ["champion", "v1-candidate", "größte_7", "v"])
def test_alias_is_taken(alias):
    assert validation.alias_name(alias) == alias


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "models/credit",
        "C:\\models\\credit",
        "file:///tmp/model",
        "FILE:/tmp/model",
        "ftp://host/a",
        "http://169.254.169.254/latest",
        "javascript:alert(1)",
        "s3://bucket/a/../b",
        "s3://bucket/a/%2e%2e/b",
        "s3://bucket/a/%252e%252e/b",
        "s3://bucket/a/%25252e%25252e%25252fb",
        "s3://bucket/a/..%2fb",
        "s3://bucket/..\\b",
        "s3://bucket/./b",
        "s3://bucket//b",
        "s3://bucket/a%00",
        "s3://bucket/a\x00",
        "s3://bucket/a#/../b",
        "s3://bucket/a%23b",
        "s3://bucket/a?b=c",
        "s3://bucket/a%3Fb",
        "s3://key:secret@bucket/a",
        "https://user@host/a",
        "https://user%40host@evil/a",
        "abfss://container:secret@account/a",
        "https:///a",
        "s3:/bucket/a",
        "models://host/name/1",
        "runs://host/run/model",
        "models:/",
        "https://host:99999/a",
        "https://[::1/a",
        "s3://bucket/" + "x" * 2000,
        "s3://bucket/%" + "25" * 12 + "2e",
    ],
)
def test_source_is_refused(source):
    with pytest.raises(Invalid) as refusal:
        validation.source(source)

    assert refusal.value.field == "source"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "s3://bucket/models/credit/3/model.onnx",
        "s3://bucket/models/credit 3/",
        "gs://bucket/a%20b",
        "models:/m-0123456789abcdef0123456789abcdef",
        "models:/credit/3",
        "runs:/abc/model",
        "mlflow-artifacts:/1/abc/artifacts/model",
        "mlflow-artifacts://host:5000/1/abc",
        "https://host/api/2.0/mlflow-artifacts/artifacts/1",
        "abfss://container@account.dfs.core.windows.net/a",
    ],
)
def test_source_is_taken(source):
    assert validation.source(source) == source


@pytest.mark.parametrize(
    "value", ["abc", "sha256:abc", "md5:" + "a" * 64, "sha256:" + "g" * 64]
)
def test_digest_is_refused(value):
    with pytest.raises(Invalid):
        validation.digest(value)


def test_digest_is_written_in_lower_case():
    assert validation.digest("SHA256:" + "A" * 64) == "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://host/a",
        "//host/a",
        "https://",
        "https://user:secret@host/",
        "https://host/a b",
        "https://host/\n",
        "data:text/html,x",
    ],
)
def test_run_link_is_refused(link):
    with pytest.raises(Invalid) as refusal:
        validation.run_link(link)

    assert refusal.value.field == "run_link"


def test_run_link_may_have_a_fragment():
    link = "https://mlflow.example.org/#/experiments/1/runs/abc"

    assert validation.run_link(link) == link


@pytest.mark.parametrize(
    "key", ["", " ", "a\x00", "a$b", "x" * 251, "imprimatur.approved", "Imprimatur.Approved"]
)
def test_tag_key_is_refused(key):
    with pytest.raises(Invalid):
        validation.tag(key, "true")


def test_tag_value_is_text_of_a_bounded_length():
    assert validation.tag("mlflow.user", 5) == ("mlflow.user", "5")
    with pytest.raises(Invalid):
        validation.tag("note", "x" * 100_001)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 5001])
def test_description_is_refused(value):
    with pytest.raises(Invalid):
        validation.text(value, "description")


@pytest.mark.parametrize(
    "parameters",
    [
        {"a": float("nan")},
        {"a": object()},
        {"a": "\x00"},
        {"a": "x" * 100_001},
        {"a": "\ud800"},
    ],
)
def test_parameters_are_refused(parameters):
    with pytest.raises(Invalid):
        validation.parameters(parameters)
