"""What another server answers is never believed: nonsense gives a sentence and no crash."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from governance.connections.client import LoggedModel, Reader, Run, Version
from governance.connections.models import Connection
from governance.errors import GovernanceError
from tests.outbound.receivers import Reply, receiver

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture
def stub(settings):
    with receiver() as facts:
        settings.CONNECTIONS_ALLOWED_HOSTS = [facts.authority]
        yield facts


def reader(stub, **more):
    connection = Connection(name="lab", url=f"http://{stub.authority}", **more)
    connection.secret = "hush"
    return Reader(connection)


def told(stub, ask, *replies):
    stub.replies = list(replies)
    with pytest.raises(GovernanceError) as error:
        ask(reader(stub))
    return error.value.sentence


@given(
    answer=junk | st.fixed_dictionaries({"run": junk}) | st.fixed_dictionaries({"model": junk})
)
@given_settings(max_examples=60)
def test_any_json_is_an_account_or_a_refusal(answer):
    for shape in (Run, LoggedModel, Version):
        try:
            shape.model_validate(answer)
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"<html>"), "not JSON"),
        (Reply(200, b"[]"), "does not answer as MLflow does"),
        (Reply(200, b'{"run": {"info": {}}}'), "run.info.run_id"),
        (Reply(401), "refuses the credentials"),
        (Reply(404, b"{}"), "does not know"),
        (Reply(500, b"{}"), "status 500"),
        (Reply(302, b"", {"Location": "http://169.254.169.254/"}), "status 302"),
    ],
)
def test_nonsense_gives_a_sentence(stub, reply, words):
    assert words in told(stub, lambda server: server.run("r"), reply)


def test_list_that_never_ends_ends(stub):
    page = json.dumps({"registered_models": [], "next_page_token": "again"}).encode()
    stub.replies = [Reply(200, page)]
    assert list(reader(stub).models()) == []


def test_file_that_leads_out_of_its_folder_is_refused(stub):
    listed = json.dumps({"files": [{"path": "..", "is_dir": True}]}).encode()
    location = f"http://{stub.authority}/api/2.0/mlflow-artifacts/artifacts/1/m"
    assert "no name" in told(stub, lambda server: server.files(location), Reply(200, listed))


def test_artifact_larger_than_allowed_is_not_read_to_its_end(stub, settings):
    settings.CONNECTIONS_MAX_BYTES = 3
    listed = Reply(200, b'{"files": [{"path": "big", "file_size": 1}]}')
    location = f"http://{stub.authority}/api/2.0/mlflow-artifacts/artifacts/1/m"
    words = told(stub, lambda server: server.files(location), listed, Reply(200, b"long"))
    assert words == "The artifact is larger than 3 bytes."


def test_credentials_go_as_basic_with_a_name_and_as_bearer_without(stub):
    stub.replies = [Reply(200, b"{}")]
    reader(stub).verify()
    reader(stub, username="ada").verify()
    sent = [one.headers["Authorization"] for one in stub.received]
    assert sent == ["Bearer hush", "Basic YWRhOmh1c2g="]


def test_files_of_this_server_have_absolute_addresses(stub):
    base = f"http://{stub.authority}/api/2.0/mlflow-artifacts/artifacts"
    server = reader(stub)
    assert server.address_of("mlflow-artifacts:/1/m") == f"{base}/1/m"
    assert server.address_of(f"mlflow-artifacts://{stub.authority}/1/m") == f"{base}/1/m"
    assert server.address_of("s3://bucket/m") == "s3://bucket/m"
    assert not server.serves("s3://bucket/m")
