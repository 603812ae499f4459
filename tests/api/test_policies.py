import pytest

from tests.accounts.factories import person
from tests.api.clients import V1, bearing

POLICIES = f"{V1}policies/"
TEXT = """
policy: credit
applies_to: {tiers: [1, 2]}
protects: {aliases: [champion]}
baseline: latest blessed
interval: point
rules:
  - "auc floor: auc at least 0.6"
approvals:
  - {step: release, activity: approve_release, duty: A, quorum: 1, meaning: approved}
valid_for: 365 days
"""


@pytest.fixture
def editor(db):
    return bearing(person("rui", "policy editor", "member"))


@pytest.fixture
def second(db):
    return bearing(person("pet", "policy editor"))


def test_a_policy_is_drafted_revised_reviewed_published_and_retired(editor, second):
    one = f"{POLICIES}credit/versions/1/"

    drafted = editor.post(POLICIES, {"name": "credit", "text": TEXT})
    revised = editor.patch(one, {"text": TEXT.replace("0.6", "0.7")})
    submitted = editor.post(f"{one}submissions/")
    own = editor.post(f"{one}publications/")
    published = second.post(f"{one}publications/")
    frozen = editor.patch(one, {"text": TEXT})
    retired = editor.post(f"{one}retirements/")

    assert (drafted.status_code, drafted.json()["state"]) == (201, "draft")
    assert "0.7" in revised.json()["text"]
    assert submitted.json()["submitted_by"] == "rui"
    assert (own.status_code, own.json()["code"]) == (409, "not_publishable")
    assert (published.json()["state"], published.json()["published_by"]) == ("published", "pet")
    assert frozen.status_code == 409
    assert retired.json()["state"] == "retired"


def test_a_text_that_is_no_policy_gives_every_problem(editor):
    text = TEXT.replace("auc at least 0.6", "auc around 3").replace("365 days", "soon")

    response = editor.post(POLICIES, {"name": "credit", "text": text})

    assert response.status_code == 422
    body = response.json()
    assert (body["code"], body["field"], len(body["reasons"])) == ("invalid_policy", "text", 2)


def test_others_read_what_is_in_force_and_no_drafts(editor, second, api):
    editor.post(POLICIES, {"name": "credit", "text": TEXT})
    editor.post(f"{POLICIES}credit/versions/1/submissions/")

    assert api.get(f"{POLICIES}credit/versions/1/").status_code == 404
    second.post(f"{POLICIES}credit/versions/1/publications/")
    assert api.get(f"{POLICIES}credit/versions/1/").status_code == 200
    assert api.get(f"{POLICIES}?policy=credit&state=published").json()["count"] == 1


def test_only_editors_write_policies(api):
    response = api.post(POLICIES, {"name": "credit", "text": TEXT})

    assert response.status_code == 403
    assert "Only policy editors" in response.json()["detail"]
