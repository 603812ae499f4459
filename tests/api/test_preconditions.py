"""ETag, If-Match and If-None-Match: nobody overwrites what they have not seen."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from governance.audit.models import Entry
from registry import services
from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.registry import factories
from tests.release import factories as release

MODEL = f"{V1}models/m/"
VERSION = f"{MODEL}versions/1/"


@pytest.fixture
def made(ada, open_gate):
    version = factories.version(factories.model("m", owner=ada), owner=ada)
    factories.version(version.model, owner=ada)
    return version


def seen(api, address):
    return api.get(address)["ETag"]


def tag_model(version, ada):
    services.set_tag(version.model, "team", "risk", actor=ada)


def tag_version(version, ada):
    services.set_tag(version, "team", "risk", actor=ada)


def describe_model(version, ada):
    services.update_model(version.model, actor=ada, description="d")


def describe_version(version, ada):
    services.update_version(version, actor=ada, description="d")


def point(version, ada):
    services.set_alias(version.model, "best", version, actor=ada)


def stage(version, ada):
    services.transition_stage(version, "Staging", actor=ada)


def register(version, ada):
    services.create_version(version.model, actor=ada)


@pytest.mark.parametrize(
    ("address", "change"),
    [
        (MODEL, tag_model),
        (MODEL, describe_model),
        (MODEL, point),
        (MODEL, stage),
        (MODEL, register),
        (VERSION, tag_version),
        (VERSION, describe_version),
        (VERSION, point),
        (VERSION, stage),
    ],
)
def test_the_etag_follows_every_change(api, ada, made, address, change):
    before = seen(api, address)
    assert seen(api, address) == before

    change(made, ada)

    assert seen(api, address) != before


@pytest.mark.parametrize(
    ("method", "address", "body", "owner"),
    [
        ("patch", MODEL, {"description": "mine"}, MODEL),
        ("delete", MODEL, None, MODEL),
        ("post", f"{MODEL}renames/", {"name": "n"}, MODEL),
        ("put", f"{MODEL}tags/k/", {"value": "v"}, MODEL),
        ("delete", f"{MODEL}tags/k/", None, MODEL),
        ("put", f"{MODEL}aliases/best/", {"version": 2}, MODEL),
        ("delete", f"{MODEL}aliases/best/", None, MODEL),
        ("patch", VERSION, {"description": "mine"}, VERSION),
        ("delete", VERSION, None, VERSION),
        ("post", f"{VERSION}stages/", {"stage": "Staging"}, VERSION),
        ("put", f"{VERSION}tags/k/", {"value": "v"}, VERSION),
        ("delete", f"{VERSION}tags/k/", None, VERSION),
    ],
)
def test_what_has_changed_meanwhile_is_not_overwritten(
    api, ada, made, method, address, body, owner
):
    read = seen(api, owner)
    services.set_tag(made.model if owner == MODEL else made, "other", "1", actor=ada)

    refused = getattr(api, method)(address, body, headers={"If-Match": read})

    assert refused.status_code == 412
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "changed_meanwhile"
    assert "has changed since you read it" in refused.json()["detail"]
    assert not Entry.objects.filter(refused=True).exists()
    current = refused["ETag"]
    assert refused.json()["etag"] == current
    done = getattr(api, method)(address, body, headers={"If-Match": current})
    assert done.status_code in (200, 204)


def test_what_is_as_it_was_seen_may_change(api, made):
    read = seen(api, MODEL)

    changed = api.patch(MODEL, {"description": "new"}, headers={"If-Match": f'"x", {read}'})

    assert changed.status_code == 200
    assert changed["ETag"] == seen(api, MODEL)


@pytest.mark.parametrize("tag", ["W/{}", "*"])
def test_a_proxy_may_weaken_the_etag_and_a_star_means_anything(api, made, tag):
    weakened = tag.format(seen(api, MODEL))

    changed = api.patch(MODEL, {"description": "new"}, headers={"If-Match": weakened})

    assert changed.status_code == 200


@pytest.mark.parametrize("header", ["junk", '"', '""', "a" * 9000])
def test_nonsense_matches_nothing(api, made, header):
    changed = api.patch(MODEL, {"description": "new"}, headers={"If-Match": header})

    assert changed.status_code == 412


def test_who_holds_it_already_is_sent_no_body(api, made):
    for address in (MODEL, VERSION):
        again = api.get(address, headers={"If-None-Match": seen(api, address)})

        assert (again.status_code, again.content) == (304, b"")
    assert api.get(MODEL, headers={"If-None-Match": '"old"'}).status_code == 200


def test_the_alias_carries_the_etag_of_its_model(api, ada, made):
    services.set_alias(made.model, "best", made, actor=ada)
    read = seen(api, f"{MODEL}aliases/best/")

    moved = api.put(f"{MODEL}aliases/best/", {"version": 2}, headers={"If-Match": read})
    again = api.put(f"{MODEL}aliases/best/", {"version": 1}, headers={"If-Match": read})

    assert (moved.status_code, again.status_code) == (200, 412)


@pytest.mark.django_db
def test_a_verdict_changes_the_etag_and_refuses_no_description():
    told = release.ready()
    api = bearing(person("ada"))
    address = f"{V1}models/credit-scoring/versions/1/"
    read = seen(api, address)

    release.requested(told)

    assert seen(api, address) != read
    changed = api.patch(address, {"description": "new"}, headers={"If-Match": read})
    assert changed.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_once_on_what_both_saw_one_is_refused():
    ada = person("ada")
    factories.model("m", owner=ada)
    clients = [bearing(ada) for _ in range(4)]
    read = seen(clients[0], MODEL)
    barrier = Barrier(len(clients))

    def write(turn):
        barrier.wait()
        try:
            return clients[turn].patch(
                MODEL, {"description": f"by {turn}"}, headers={"If-Match": read}
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(write, range(len(clients))))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    [winner] = [answer for answer in answers if answer.status_code == 200]
    assert clients[0].get(MODEL).json()["description"] == winner.json()["description"]
