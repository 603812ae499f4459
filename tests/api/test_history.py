"""What served when, over REST, and the richer answers about one model and one version."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry import services as registry
from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.release import factories as release

pytestmark = pytest.mark.django_db

MODEL = f"{V1}models/credit-scoring/"


@pytest.fixture
def told():
    """v1 is cleared and serves, v2 waits for its signatures; and the moment before v1 served."""
    told = release.ready()
    clearance = release.cleared(told)
    before = timezone.now()
    registry.set_alias(told.version.model, "champion", told.version, actor=person("olu"))
    request = release.requested(release.challenger(told))
    return clearance, before, request


def test_the_champion_of_a_moment_names_the_clearance_behind_it(told):
    clearance, before, _request = told
    api = bearing(person("ada"))

    now = api.get(f"{MODEL}as-of/").json()
    earlier = api.get(f"{MODEL}as-of/", {"at": before.isoformat()}).json()

    [champion] = now["pointers"]
    assert (champion["pointer"], champion["version"]) == ("champion", 1)
    assert champion["clearance"] == clearance.pk
    assert champion["request"] == clearance.request_id
    assert champion["policy"] == clearance.policy_version.label
    assert champion["actor_name"] == "Olu"
    assert (earlier["existed"], earlier["pointers"]) == (True, [])


@pytest.mark.parametrize(
    ("at", "status"),
    [("2001-01-01", 200), ("yesterday", 400), ("9999-12-31T00:00:00Z", 422), ("\x00", 400)],
)
def test_a_moment_is_in_the_past_and_in_iso_8601(told, at, status):
    answer = bearing(person("ada")).get(f"{MODEL}as-of/", {"at": at})

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["existed"] is False


def test_the_timeline_has_every_holding_with_its_end(told):
    registry.delete_alias(told[0].version.model, "champion", actor=person("olu"))

    timeline = bearing(person("ada")).get(f"{MODEL}timeline/").json()

    [line] = timeline["pointers"]
    [held] = line["holdings"]
    assert timeline["is_whole"] is True
    assert (line["pointer"], held["version"]) == ("champion", 1)
    assert held["since"] < held["until"]


def test_a_model_tells_what_serves_and_what_is_protected(told):
    body = bearing(person("ada")).get(MODEL).json()

    [serving] = body["serving"]
    assert (serving["pointer"], serving["version"], serving["is_protected"]) == (
        "champion",
        1,
        True,
    )
    assert serving["clearance"] == told[0].pk
    assert body["protection"]["aliases"] == ["champion"]
    assert body["links"]["page"] == "http://testserver/models/credit-scoring/"


def test_a_version_tells_its_verdict_and_why_it_may_not_serve(told):
    _clearance, _before, request = told
    api = bearing(person("ada"))

    serving = api.get(f"{MODEL}versions/1/").json()
    waiting = api.get(f"{MODEL}versions/2/").json()

    champion = serving["permissions"][0]
    assert (champion["allowed"], champion["is_serving"]) == (True, True)
    refused = waiting["permissions"][0]
    assert (refused["allowed"], refused["is_serving"]) == (False, False)
    assert refused["request"] == request.pk
    assert refused["links"]["request"].endswith(f"/approvals/{request.pk}/")
    assert any("it waits for validation" in reason for reason in refused["reasons"])
    assert waiting["verdict"]["verdict"] == "blessed"


def test_lists_stay_lean(told):
    api = bearing(person("ada"))

    assert "serving" not in api.get(f"{V1}models/").json()["results"][0]
    assert "permissions" not in api.get(f"{MODEL}versions/").json()["results"][0]


@pytest.mark.parametrize("address", [MODEL, f"{MODEL}versions/1/", f"{MODEL}timeline/"])
def test_one_object_asks_as_often_for_a_longer_history(told, address):
    api = bearing(person("vi", "auditor"))
    version = told[0].version

    def asked_after(names):
        for name in names:
            registry.set_alias(version.model, name, version, actor=person("olu"))
        api.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert api.get(address).status_code == 200
        return len(captured)

    few = asked_after(["a", "b"])

    assert asked_after(["c", "d", "e", "f"]) == few
    assert few <= 20
