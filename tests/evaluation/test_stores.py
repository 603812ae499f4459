"""Objects in a store, read from a real S3 server of its own process' threads."""

import hashlib

import boto3
import pytest
from moto.server import ThreadedMotoServer

from governance.errors import Invalid
from governance.evaluation import sources
from tests.evaluation.factories import measured, parquet, predictions

KEY = "june/predictions.parquet"
ADDRESS = f"s3://scores/open/{KEY}"


def quiet(done, total, text):
    pass


@pytest.fixture
def store(monkeypatch, settings):
    """A bucket with predictions in it, of which one prefix is open."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="scores")
    settings.EVALUATION_ROOTS = ["s3://scores/open/"]
    yield client
    server.stop()


def put(store, content, key=f"open/{KEY}"):
    store.put_object(Bucket="scores", Key=key, Body=content)


@pytest.mark.django_db
def test_an_object_is_measured_like_an_upload(store):
    content = parquet(predictions()).read()
    put(store, content)

    evaluation = measured(source=ADDRESS)

    assert (evaluation.source_kind, evaluation.state) == ("object", "finished")
    assert evaluation.data_digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.django_db
def test_an_object_that_is_not_there_fails_the_evaluation_with_its_sentence(store):
    evaluation = measured(source="s3://scores/open/nothing.parquet")

    assert (evaluation.state, evaluation.reason) == ("failed", "There is no such object.")


def test_an_object_larger_than_allowed_is_not_fetched(store, settings, tmp_path):
    settings.EVALUATION_MAX_BYTES = 10
    put(store, b"x" * 11)

    with pytest.raises(Invalid, match="larger than the 10 bytes"):
        sources.fetch_object(ADDRESS, tmp_path, quiet)


def test_a_store_that_refuses_is_told_without_a_key(store, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(Invalid, match="The object could not be read") as refused:
        sources.fetch_object(ADDRESS, tmp_path, quiet)

    assert "testing" not in refused.value.sentence


@pytest.mark.parametrize(
    "address",
    [
        "s3://scores/closed/a.parquet",
        "s3://scores/openness/a.parquet",
        "s3://others/open/a.parquet",
        "s3://scores/open/../closed/a.parquet",
        "s3://scores/open/%2e%2e/closed/a.parquet",
        "s3://scores/open/a.parquet?endpoint_override=evil.example",
        "s3://key:secret@scores/open/a.parquet",
        "gs://scores/open/a.parquet",
        "abfss://scores@account.dfs.core.windows.net/open/a.parquet",
    ],
)
def test_only_open_prefixes_are_read(settings, address):
    settings.EVALUATION_ROOTS = ["s3://scores/open"]

    with pytest.raises(Invalid, match="outside the prefixes"):
        sources.check_address("object", address)


def test_every_store_has_its_own_prefix(settings):
    settings.EVALUATION_ROOTS = ["gs://a/b", "abfss://c@d.dfs.core.windows.net/e"]

    sources.check_address("object", "gs://a/b/june.csv")
    sources.check_address("object", "abfss://c@d.dfs.core.windows.net/e/june.csv")


def test_without_an_open_store_the_way_out_is_named(settings):
    settings.EVALUATION_ROOTS = []

    with pytest.raises(Invalid, match="upload the file instead"):
        sources.check_address("object", ADDRESS)
