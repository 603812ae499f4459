"""Artifacts: pinned once, looked at again, copied with their version, and only from allowed places."""

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from registry import queries, services, validation
from registry.artifacts import manifest_digest
from registry.errors import Conflict, Invalid
from registry.models import IS_PROMPT, Artifact
from registry.signals import ARTIFACT_CHANGED, changed
from tests.registry import factories
from tests.registry.factories import DIGEST

PLACE = "mlflow-artifacts://tracking:5000/1/models/m-1/artifacts"
OTHER = "sha256:" + "b" * 64
FILES = [
    {"path": "model.pkl", "size": 3, "sha256": "c" * 64},
    {"path": "MLmodel", "size": 5, "sha256": "d" * 64},
]


@pytest.fixture
def told():
    heard = []

    def hear(event, data, **_):
        heard.append((event, data))

    changed.connect(hear)
    yield heard
    changed.disconnect(hear)


def pinned(version, **more):
    return services.pin_artifact(version, actor=None, location=PLACE, **more)


files = st.dictionaries(
    st.text("abc/.", min_size=1, max_size=6),
    st.tuples(st.integers(0, 9), st.text("0123456789abcdef", min_size=64, max_size=64)),
    max_size=4,
).map(
    lambda found: [
        {"path": path, "size": size, "sha256": digest} for path, (size, digest) in found.items()
    ]
)


@given(files, files)
def test_digest_is_one_for_each_set_of_files_in_any_order(one, other):
    assert manifest_digest(one) == manifest_digest(reversed(one))
    alike = sorted(map(str, one)) == sorted(map(str, other))
    assert (manifest_digest(one) == manifest_digest(other)) is alike


@pytest.mark.django_db
def test_pinned_artifact_tells_place_and_digest():
    version = factories.version(source="models:/m-1")
    artifact = pinned(version, files=FILES, parameters={"C": "0.5"}, metrics={"auc": 0.8})
    assert queries.location(version) == PLACE
    assert queries.present_digest(version) == artifact.digest == manifest_digest(FILES)
    assert artifact.parameters == {"C": "0.5"}


@pytest.mark.django_db
def test_artifact_is_pinned_once_and_never_changed():
    version = factories.version()
    artifact = pinned(version)
    with pytest.raises(Conflict, match="pinned already"):
        pinned(version)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Artifact.objects.filter(pk=artifact.pk).update(location="s3://elsewhere/x")


@pytest.mark.django_db
def test_without_a_pin_the_declared_facts_hold():
    version = factories.version(source="s3://bucket/m", digest=DIGEST)
    assert queries.location(version) == "s3://bucket/m"
    assert queries.digests(version) == (DIGEST, DIGEST)


@pytest.mark.django_db
def test_check_tells_a_change_once(told):
    version = factories.version()
    pinned(version, digest=DIGEST)
    services.record_check(version, digest=DIGEST)
    services.record_check(version, problem="The server was away.")
    services.record_check(version, digest=OTHER)
    services.record_check(version, digest=OTHER)
    changes = [data for event, data in told if event == ARTIFACT_CHANGED]
    assert changes == [{"before": DIGEST, "after": OTHER}]
    assert queries.digests(version) == (OTHER, DIGEST)


@pytest.mark.django_db
def test_check_has_a_digest_or_a_problem():
    version = factories.version()
    for nonsense in ({}, {"digest": DIGEST, "problem": "both"}):
        with pytest.raises(Invalid, match="one of the two"):
            services.record_check(version, **nonsense)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given_files",
    [
        [FILES[0], FILES[0]],
        [{"path": "a\x00", "size": 1, "sha256": "a" * 64}],
        [FILES[0] | {"sha256": "x"}],
    ],
)
def test_nonsense_files_are_refused(given_files):
    with pytest.raises(Invalid):
        pinned(factories.version(), files=given_files)


@pytest.mark.django_db
def test_copy_keeps_place_digest_run_and_parent():
    origin = factories.version(source="models:/m-1", run_id="r")
    pinned(origin, files=FILES)
    copied = factories.version(factories.model("copy"), source="models:/credit-scoring/1")
    assert queries.location(copied) == PLACE
    assert queries.present_digest(copied) == manifest_digest(FILES)
    assert (copied.run_id, copied.logged_model_id, copied.parent) == ("r", "m-1", origin)


@pytest.mark.django_db
def test_copy_survives_its_origin():
    origin = factories.version(source="s3://bucket/m")
    copied = factories.version(factories.model("copy"), source="models:/credit-scoring/1")
    services.delete_version(origin, actor=origin.created_by)
    assert queries.location(copied) == "s3://bucket/m"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("models:/credit-scoring/9", "is not here"),
        ("models:/none/1", "is not here"),
        ("models:/credit-scoring/latest", "models:/<name>/<number>"),
        ("models:/credit-scoring@champion", "models:/<name>/<number>"),
    ],
)
def test_copy_of_nothing_is_refused(source, said):
    model = factories.version().model
    with pytest.raises(Invalid, match=said):
        factories.version(model, source=source)


@pytest.mark.django_db
def test_copy_from_another_run_is_refused():
    model = factories.version(source="s3://bucket/m", run_id="r").model
    with pytest.raises(Invalid, match="comes from r, not from other"):
        factories.version(model, source="models:/credit-scoring/1", run_id="other")


def test_deployment_narrows_schemes_and_hosts(settings):
    settings.REGISTRY_SOURCE_SCHEMES = ["s3", "file"]
    settings.REGISTRY_SOURCE_HOSTS = ["bucket"]
    assert validation.source("s3://bucket/m") == "s3://bucket/m"
    for refused in (
        "gs://bucket/m",
        "file:///etc/passwd",
        "s3://other/m",
        "s3://bucket.evil/m",
    ):
        with pytest.raises(Invalid):
            validation.source(refused)


def test_location_may_be_a_server_by_plain_http_but_a_source_not():
    place = "http://tracking:5000/api/2.0/mlflow-artifacts/artifacts/1"
    assert validation.location(place) == place
    with pytest.raises(Invalid):
        validation.source(place)


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["dummy-source", "prompt-template"])
def test_prompt_has_a_placeholder_for_a_source(source):
    tags = {IS_PROMPT: "true"}
    prompt = factories.model("greeting", tags=tags)
    assert factories.version(prompt, source=source, tags=tags).source == source
    with pytest.raises(Invalid, match="source of a prompt"):
        factories.version(prompt, source="s3://bucket/m", tags=tags)
    with pytest.raises(Invalid, match="local paths"):
        factories.version(prompt, source=source)


@pytest.mark.django_db
def test_model_has_no_prompts_among_its_versions():
    model = factories.model("fraud")
    with pytest.raises(Invalid, match="fraud is a model"):
        factories.version(model, source="dummy-source", tags={IS_PROMPT: "true"})


@pytest.mark.django_db
def test_no_model_is_made_of_a_prompt():
    tags = {IS_PROMPT: "true"}
    factories.version(factories.model("greeting", tags=tags), source="dummy-source", tags=tags)
    with pytest.raises(Invalid, match="is a prompt"):
        factories.version(factories.model("fraud"), source="models:/greeting/1")


@pytest.mark.django_db
def test_version_taken_over_keeps_its_number_and_numbers_never_go_back():
    model = factories.model()
    assert services.create_version(model, actor=model.created_by, number=4).number == 4
    assert factories.version(model).number == 5
    for taken in (5, 2, 0, 2**31):
        with pytest.raises(Conflict, match="cannot follow"):
            services.create_version(model, actor=model.created_by, number=taken)
