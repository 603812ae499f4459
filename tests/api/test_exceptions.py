"""Exceptions over REST: asked for on a verdict, signed with the password, said by the gate."""

import pytest

from tests.accounts.factories import PASSWORD, person
from tests.api.clients import V1, bearing
from tests.evaluation.conftest import own_storage  # noqa: F401
from tests.exceptions.factories import today
from tests.exceptions.stories import cleared, excepted, red, work

pytestmark = pytest.mark.django_db
EXCEPTIONS = f"{V1}exceptions/"
SIGNED = {"reason": "I answer for it.", "password": PASSWORD}


def as_(name):
    return bearing(person(name))


def question(blessing):
    return {
        "blessing": blessing.pk,
        "position": 1,
        "reason": "Too few young applicants yet.",
        "compensation": "A person reads each refusal.",
        "until": today(days=30).isoformat(),
    }


def test_the_whole_way_from_the_question_to_the_verdict():
    blessing = red()

    asked = as_("mo").post(EXCEPTIONS, question(blessing))
    assert asked.status_code == 201, asked.json()
    one = f"{EXCEPTIONS}{asked.json()['id']}/"
    assert [seat["able"] for seat in asked.json()["progress"]] == [["Rui"], ["Bo"]]

    assert as_("rui").post(f"{one}grants/", SIGNED).json()["state"] == "asked"
    granted = as_("bo").post(f"{one}grants/", SIGNED).json()

    assert (granted["state"], granted["in_force"]) == ("granted", True)
    assert [vote["digest"] for vote in granted["signatures"]] == [granted["digest"]] * 2
    work()
    [newest, *_] = as_("ada").get(f"{V1}blessings/").json()["results"]
    assert (newest["verdict"], newest["suffices"]) == ("blessed_with_exception", True)
    rules = as_("ada").get(f"{V1}blessings/{newest['id']}/").json()["results"]
    assert [(rule["outcome"], rule["exception"]) for rule in rules] == [
        ("pass", None),
        ("fail", {"id": granted["id"], "until": today(days=30).isoformat()}),
    ]


def test_the_gate_says_on_which_exception_its_yes_rests():
    cleared(excepted())

    answer = as_("olu").get(f"{V1}models/credit-scoring/versions/1/gate/").json()

    assert answer["allowed"]
    assert answer["reasons"][1].startswith("Blessed with exception for “ambition” until ")


def test_a_wrong_password_is_told_by_its_field():
    asked = as_("mo").post(EXCEPTIONS, question(red())).json()

    refused = as_("rui").post(
        f"{EXCEPTIONS}{asked['id']}/grants/", SIGNED | {"password": "wrong"}
    )

    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["field"]) == ("wrong_password", "password")


def test_after_a_refusal_nothing_is_granted():
    asked = as_("mo").post(EXCEPTIONS, question(red())).json()
    refused = as_("rui").post(f"{EXCEPTIONS}{asked['id']}/refusals/", SIGNED).json()
    assert refused["state"] == "refused"

    late = as_("bo").post(f"{EXCEPTIONS}{asked['id']}/grants/", SIGNED)

    assert late.status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"until": "2020-01-01"}, 422, "until"),
        ({"until": "soon"}, 400, "until"),
        ({"position": -1}, 400, "position"),
        ({"position": 9}, 404, None),
        ({"position": 0}, 409, None),
        ({"blessing": 2**40}, 404, None),
        ({"blessing": 2**70}, 400, "blessing"),
        ({"reason": ""}, 400, "reason"),
        ({"compensation": "no"}, 422, "compensation"),
    ],
)
def test_a_bad_question_is_answered_with_what_is_wrong(changes, status, field):
    refused = as_("mo").post(EXCEPTIONS, question(red()) | changes)

    assert refused.status_code == status, refused.json()
    assert field is None or field in str(refused.json())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?state=granted", 1),
        ("?state=asked&state=refused", 0),
        ("?model=credit-scoring&version=1&policy=credit", 1),
        ("?model=other", 0),
        ("?asked_by=mo", 1),
        ("?ends_by=2020-01-01", 0),
    ],
)
def test_the_list_is_narrowed(query, count):
    excepted()

    assert as_("mo").get(f"{EXCEPTIONS}{query}").json()["count"] == count
