import pytest
import yaml
from jsonschema import Draft202012Validator

from governance.policies.models import PolicyVersion
from governance.policies.schema import json_schema
from governance.usecases.services import open_use_case
from tests.accounts.factories import PASSWORD, person
from tests.api.clients import V1, bearing

POLICIES = f"{V1}policies/"
SIGNED = {"reason": "I read every rule.", "password": PASSWORD}
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
    own = editor.post(f"{one}publications/", SIGNED)
    published = second.post(f"{one}publications/", SIGNED)
    frozen = editor.patch(one, {"text": TEXT})
    retired = editor.post(f"{one}retirements/")

    assert (drafted.status_code, drafted.json()["state"]) == (201, "draft")
    assert "0.7" in revised.json()["text"]
    assert submitted.json()["submitted_by"] == "rui"
    assert (own.status_code, own.json()["code"]) == (409, "not_publishable")
    assert (published.json()["state"], published.json()["published_by"]) == ("published", "pet")
    assert published.json()["published_reason"] == SIGNED["reason"]
    assert published.json()["published_with"] == "password"
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
    second.post(f"{POLICIES}credit/versions/1/publications/", SIGNED)
    assert api.get(f"{POLICIES}credit/versions/1/").status_code == 200
    assert api.get(f"{POLICIES}?policy=credit&state=published").json()["count"] == 1


def test_only_editors_write_policies(api):
    response = api.post(POLICIES, {"name": "credit", "text": TEXT})

    assert response.status_code == 403
    assert "Only policy editors" in response.json()["detail"]


def test_a_text_is_checked_without_being_saved(editor, api):
    wrong = TEXT.replace("auc at least 0.6", "auk at least 0.6")

    bad = api.post(f"{POLICIES}check/", {"text": wrong})
    good = api.post(f"{POLICIES}check/", {"text": TEXT})
    other = api.post(f"{POLICIES}check/", {"text": TEXT, "name": "loans"})

    assert (bad.status_code, good.status_code, other.status_code) == (200, 200, 200)
    [problem] = bad.json()["problems"]
    assert (problem["line"], problem["column"], bad.json()["document"]) == (8, 6, None)
    assert good.json()["sentences"][0]["sentence"].startswith("ROC AUC must be at least 0.60")
    assert good.json()["notes"][0]["sentence"] == "No rule looks at groups of people or cases."
    assert "but this is loans" in other.json()["problems"][0]["sentence"]
    assert not PolicyVersion.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["", "x" * 1_000_000, "a: &a [x]\nb: *a", "[" * 9000, "é: {", "1", "- a", "? [a]\n: b"],
)
def test_any_text_can_be_looked_at(api, text):
    answer = api.post(f"{POLICIES}check/", {"text": text})

    assert answer.status_code == 200
    assert answer.json()["problems"]


def test_where_a_policy_would_apply_is_told_to_its_editors_only(editor, api):
    open_use_case(actor=person("bo"), slug="secret", title="Secret plans", tier=1)

    seen = editor.post(f"{POLICIES}check/", {"text": TEXT}).json()
    unseen = api.post(f"{POLICIES}check/", {"text": TEXT}).json()

    assert "Secret plans" in str(seen["notes"])
    assert "Secret plans" not in str(unseen)


def test_the_schema_accepts_what_the_server_accepts(api):
    schema = api.get(f"{POLICIES}schema/").json()
    validator = Draft202012Validator(schema)
    texts = [one["text"] for one in api.get(f"{POLICIES}starters/").json()["results"]]

    assert schema["$id"].endswith("/api/v1/policies/schema/")
    assert len(texts) == 4
    for text in [*texts, TEXT, "policy: a\nextends: b\napplies_to: {tiers: [1]}\n"]:
        assert list(validator.iter_errors(yaml.safe_load(text))) == []
    for wrong in ["365 days -> soon", "quorum: 1 -> quorum: many", "baseline: -> basline:"]:
        text = TEXT.replace(*wrong.split(" -> "))
        assert list(validator.iter_errors(yaml.safe_load(text)))


def test_every_key_of_a_policy_is_described():
    described = json_schema()["properties"]

    assert [
        key for key, value in described.items() if len(value.get("description", "")) < 20
    ] == []


def test_a_file_is_put_once_and_comes_back_as_it_was(editor):
    put = f"{POLICIES}credit/text/"

    made = editor.put(put, {"text": TEXT})
    same = editor.generic("PUT", put, TEXT, content_type="text/yaml")
    changed = editor.generic("PUT", put, TEXT.replace("0.6", "0.7"), content_type="text/yaml")
    file = editor.get(f"{POLICIES}credit/versions/1/text/", HTTP_ACCEPT="text/yaml")

    assert (made.status_code, made.json()["outcome"]) == (201, "drafted")
    assert (same.status_code, same.json()["outcome"]) == (200, "unchanged")
    assert (changed.status_code, changed.json()["outcome"]) == (200, "revised")
    assert file.content.decode() == TEXT.replace("0.6", "0.7")
    assert file["Content-Type"] == "text/yaml; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="credit.yaml"'


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"x" * 1_000_000, 422, "at most 64 kB of text"),
        (b"a: &a [x]\nb: *a\n", 422, "Anchors and aliases are not accepted"),
        (b"\xff\xfe", 400, "not text in UTF-8"),
        (b"x" * 3_000_000, 413, "bytes; at most"),
        (b"", 400, "text: This field is required"),
    ],
)
def test_a_file_that_is_no_policy_is_told_why(editor, body, status, sentence):
    answer = editor.generic("PUT", f"{POLICIES}credit/text/", body, content_type="text/yaml")

    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def test_versions_tell_what_changed(editor, second):
    one, two = (f"{POLICIES}credit/versions/{n}/" for n in (1, 2))
    editor.post(POLICIES, {"name": "credit", "text": TEXT})
    editor.post(f"{one}submissions/")
    second.post(f"{one}publications/", SIGNED)
    editor.post(POLICIES, {"name": "credit", "text": TEXT.replace("0.6", "0.5")})

    first = editor.get(f"{one}differences/").json()
    found = editor.get(f"{two}differences/").json()
    itself = editor.get(f"{two}differences/?against=2").json()

    assert first == {"against": None, "changes": [], "text": ""}
    assert found["against"] == "credit v1"
    assert found["changes"] == [
        {"direction": "looser", "sentence": "Rule “auc floor”: bound 0.60 → 0.50."}
    ]
    assert '+  - "auc floor: auc at least 0.5"' in found["text"]
    assert itself["changes"] == []
    assert editor.get(f"{two}differences/?against=9").status_code == 404
    assert editor.get(f"{two}differences/?against=first").status_code == 400


def test_a_policy_says_whether_its_base_moved_on(editor, second):
    base = TEXT.replace("policy: credit", "policy: base").replace(
        "applies_to: {tiers: [1, 2]}", "base: true"
    )
    own = "policy: credit\nextends: base\napplies_to: {tiers: [1]}\n"
    for name, text in (("base", base), ("credit", own), ("base", base.replace("0.6", "0.7"))):
        made = editor.post(POLICIES, {"name": name, "text": text}).json()
        address = f"{POLICIES}{name}/versions/{made['number']}/"
        editor.post(f"{address}submissions/")
        second.post(f"{address}publications/", SIGNED)

    shown = editor.get(f"{POLICIES}credit/versions/1/").json()

    assert shown["base"] == "base v1"
    assert shown["base_sentence"] == (
        "base v2 is out; draft a new version to take it over. The present text asks for less "
        "than it."
    )
    assert shown["document"]["rules"][0]["text"] == "auc floor: auc at least 0.60"
    assert shown["text"] == own
    assert "auc floor" in shown["whole_text"]


def test_what_is_sent_back_or_discarded_keeps_its_reason(editor, second):
    one = f"{POLICIES}credit/versions/1/"
    editor.post(POLICIES, {"name": "credit", "text": TEXT})
    editor.post(f"{one}submissions/")

    blank = second.post(f"{one}returns/", {"reason": " "})
    returned = second.post(f"{one}returns/", {"reason": "Too low."})
    discarded = editor.post(f"{one}discards/", {"reason": "Not needed."})

    assert blank.status_code == 400
    assert (returned.json()["state"], returned.json()["returned_reason"]) == (
        "draft",
        "Too low.",
    )
    assert discarded.json()["retired_reason"] == "Not needed."


def test_a_policy_is_published_with_a_signature_on_the_text_that_was_read(editor, second):
    one = f"{POLICIES}credit/versions/1/"
    editor.post(POLICIES, {"name": "credit", "text": TEXT})
    editor.post(f"{one}submissions/")

    unsigned = second.post(f"{one}publications/", {"reason": SIGNED["reason"]})
    other = second.post(f"{one}publications/", {**SIGNED, "seen": "sha256:" + "0" * 64})

    assert (unsigned.status_code, unsigned.json()["code"]) == (403, "nothing_given")
    assert (other.status_code, other.json()["code"]) == (409, "text_changed")
