from datetime import timedelta

import pytest
from django.utils import timezone

from governance.cards import services as cards
from tests.accounts.factories import PASSWORD, person
from tests.accounts.second_factors import App
from tests.api.clients import V1, bearing
from tests.release import factories as release

APPROVALS = f"{V1}approvals/"
VERSION = f"{V1}models/credit-scoring/versions/1/"
ASKED = {"model": "credit-scoring", "version": 1, "statement": "It beats the champion."}
SIGNED = {
    "step": "validation",
    "decision": "approve",
    "reason": "The evidence answers the need.",
    "password": PASSWORD,
}


@pytest.fixture
def told(db):
    return release.ready()


def as_(name):
    return bearing(person(name))


def test_a_request_shows_its_steps_who_may_sign_and_the_frozen_evidence(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    assert (opened["state"], opened["current_step"]) == ("open", "validation")
    assert [(p["step"], p["state"], p["voters"]) for p in opened["progress"]] == [
        ("validation", "open", ["rui"]),
        ("release", "waiting", ["bo"]),
    ]
    assert opened["evidence"]["version"]["number"] == 1
    assert opened["evidence_digest"].startswith("sha256:")


def test_asking_twice_is_a_conflict_with_the_link(told):
    as_("ada").post(APPROVALS, ASKED)

    again = as_("ada").post(APPROVALS, ASKED)

    assert (again.status_code, again.json()["code"]) == (409, "request_open")
    assert again.json()["link"].startswith("/approvals/")


def test_a_vote_names_the_evidence_that_was_read(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    votes = f"{APPROVALS}{opened['id']}/votes/"

    other = as_("rui").post(votes, SIGNED | {"evidence_digest": "sha256:" + "1" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "evidence_changed")
    read = as_("rui").post(votes, SIGNED | {"evidence_digest": opened["evidence_digest"]})

    [vote] = read.json()["steps"][0]["votes"]
    assert vote["evidence_digest"] == opened["evidence_digest"]


def test_signatures_tell_who_in_which_capacity_on_which_evidence(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    signed = as_("rui").post(f"{APPROVALS}{opened['id']}/votes/", SIGNED)

    [vote] = signed.json()["steps"][0]["votes"]
    assert signed.status_code == 201
    assert (vote["user_name"], vote["meaning"]) == ("Rui", "validated")
    assert vote["capacity"].startswith("Responsible for")
    assert vote["evidence_digest"] == opened["evidence_digest"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"step": "nonsense"}, 422, "step"),
        ({"reason": "ok"}, 422, "reason"),
        ({"password": "guess"}, 403, "password"),
        ({"decision": "maybe"}, 400, None),
    ],
)
def test_a_signature_that_lacks_something_says_what(told, changes, status, field):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    response = as_("rui").post(f"{APPROVALS}{opened['id']}/votes/", SIGNED | changes)

    assert (response.status_code, response.json().get("field")) == (status, field)


def test_who_was_asked_gives_advice_once(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    advice = {"advice": "Mind the young applicants."}

    given = as_("sam").post(f"{APPROVALS}{opened['id']}/advice/", advice)
    again = as_("sam").post(f"{APPROVALS}{opened['id']}/advice/", advice)

    told_by = {row["name"]: row["advice"] for row in given.json()["consultations"]}
    assert told_by["Sam"] == advice["advice"]
    assert again.status_code == 409


def test_who_asked_withdraws(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    response = as_("ada").post(
        f"{APPROVALS}{opened['id']}/withdrawals/", {"reason": "A better one comes."}
    )

    assert response.json()["state"] == "withdrawn"
    assert as_("ada").get(f"{APPROVALS}?state=open").json()["count"] == 0


def test_the_gate_answers_with_reasons_and_the_whole_way_if_asked(told):
    client = as_("olu")

    answer = client.get(f"{VERSION}gate?alias=champion").json()
    whole = client.get(f"{VERSION}gate?alias=champion&checklist=true").json()

    assert answer == {
        "allowed": False,
        "reasons": ["credit-scoring v1 has no clearance for champion."],
        "request": None,
        "clearance": None,
    }
    assert [item["key"] for item in whole["checklist"]][:2] == ["registered", "governed"]


def test_the_gate_answers_a_cleared_version_with_few_queries(
    told, django_assert_max_num_queries
):
    release.cleared(told)
    client = as_("olu")
    client.get(f"{VERSION}gate")

    with django_assert_max_num_queries(12):
        assert client.get(f"{VERSION}gate").json()["clearance"]["state"] == "valid"


def test_the_gate_lets_unprotected_pointers_pass(told):
    answer = as_("ada").get(f"{VERSION}gate?alias=candidate").json()

    assert answer["allowed"]


def test_the_gate_is_asked_about_stages_too(told):
    client = as_("ada")

    assert not client.get(f"{VERSION}gate?stage=Production").json()["allowed"]
    assert client.get(f"{VERSION}gate?stage=Staging").json()["allowed"]
    assert client.get(f"{VERSION}gate?stage=Moon").status_code == 400


def test_a_clearance_is_revoked_and_the_gate_shuts(told):
    clearance = release.cleared(told)
    client = as_("bo")

    revoked = client.post(
        f"{V1}clearances/{clearance.pk}/revocations/", {"reason": "The data were wrong."}
    )

    assert (revoked.status_code, revoked.json()["state"]) == (201, "revoked")
    assert not client.get(f"{VERSION}gate").json()["allowed"]
    assert client.get(f"{V1}clearances/?state=revoked").json()["count"] == 1


def test_a_blessing_gives_each_rule_and_its_reason(told):
    [blessing] = as_("ada").get(f"{V1}blessings/?model=credit-scoring").json()["results"]

    body = as_("ada").get(f"{V1}blessings/{blessing['id']}/").json()

    assert (body["verdict"], body["suffices"], body["policy"]) == ("blessed", True, "credit")
    assert body["results"] == []


def test_a_card_is_read_as_json_and_as_markdown(told):
    client = as_("ada")

    as_json = client.get(f"{VERSION}card/").json()
    as_text = client.get(f"{VERSION}card/", headers={"Accept": "text/markdown"})

    assert as_json["completeness"]["review"]["missing"] == []
    assert as_text["Content-Type"].startswith("text/markdown")
    assert as_text.content.decode().startswith("# Model card of credit-scoring v1")
    assert client.get(f"{VERSION}card/?format=markdown").content == as_text.content


def test_a_card_carried_over_is_confirmed(told):
    client = as_("ada")
    client.post(f"{V1}models/credit-scoring/versions/", {"source": "s3://models/2"})
    card = f"{V1}models/credit-scoring/versions/2/card/"
    before = client.get(card).json()["sections"]["purpose"]["fields"]["intended_use"]

    confirmed = client.post(f"{card}confirmations/").json()
    after = confirmed["sections"]["purpose"]["fields"]["intended_use"]

    assert (before["filled"], before["carried_over_from"]) == (False, "credit-scoring v1")
    assert (after["filled"], after["value"]) == (True, before["value"])


def test_a_card_text_that_is_too_long_is_refused(told):
    response = as_("ada").patch(f"{VERSION}card/", {"overview": "x" * 201})

    assert response.status_code in {400, 422}


def opened_and_signed(**changes):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    return as_("rui").post(f"{APPROVALS}{opened['id']}/votes/", SIGNED | changes, format="json")


def test_an_approval_brings_its_conditions_and_they_are_seen_to(told):
    until = str(timezone.localdate() + timedelta(days=30))
    wanted = {"text": "Watch the young borrowers.", "owner": "ada", "due_on": until}

    [found] = opened_and_signed(conditions=[wanted]).json()["findings"]
    here = f"{V1}conditions/{found['id']}/"
    reported = as_("ada").post(f"{here}reports/", {"report": "A dashboard is up."})
    reopened = as_("rui").post(f"{here}reopenings/", {"reason": "The dashboard is empty."})
    as_("ada").post(f"{here}reports/", {"report": "It is filled now."})
    closed = as_("rui").post(f"{here}closures/")

    assert (found["state"], found["owner"], found["set_by"]) == ("todo", "ada", "rui")
    states = [one.json()["state"] for one in (reported, reopened, closed)]
    assert states == ["reported", "todo", "done"]


def test_a_condition_without_an_owner_is_refused_at_its_field(told):
    wanted = {"text": "Watch the young borrowers.", "owner": "nobody", "due_on": "2999-01-01"}

    refused = opened_and_signed(conditions=[wanted])

    assert (refused.status_code, refused.json()["field"]) == (422, "conditions")


def test_changes_asked_for_are_made_and_the_request_handed_in_again(told):
    asked = opened_and_signed(decision="changes").json()
    cards.revise(told.version, actor=person("ada"), overview="It scores retail loans only.")

    again = as_("ada").post(
        f"{APPROVALS}{asked['id']}/rounds/", {"answer": "The card says it."}
    )

    body = again.json()
    assert (asked["state"], again.status_code) == ("rework", 201)
    assert (body["state"], body["round"], body["open_steps"]) == ("open", 2, ["validation"])
    [former] = body["former_accounts"]
    assert former["evidence_digest"] == asked["evidence_digest"] != body["evidence_digest"]
    assert any(sentence.startswith("Card") for sentence in former["changes"])


def test_handing_in_again_for_nothing_is_a_conflict(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    again = as_("ada").post(
        f"{APPROVALS}{opened['id']}/rounds/", {"answer": "Nothing changed."}
    )

    assert (again.status_code, again.json()["code"]) == (409, "evidence_unchanged")


def test_a_question_about_a_piece_of_evidence_gets_its_answer(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    here = f"{APPROVALS}{opened['id']}/comments/"

    asked = (
        as_("rui")
        .post(here, {"text": "Why only 400 rows, @ada?", "about": "evaluation"})
        .json()
    )
    as_("ada").post(here, {"text": "There are no more.", "reply_to": asked["id"]})

    listed = as_("bo").get(here).json()
    assert [(one["author_name"], one["reply_to"], one["about"]) for one in listed] == [
        ("Rui", None, "evaluation"),
        ("Ada", asked["id"], "evaluation"),
    ]


@pytest.fixture
def strict(db):
    """A version whose policy asks for the password and a second factor in its tier."""
    rules = release.policy(signature="signature: {second_factor: [1]}")
    return release.ready(rules=rules)


def test_where_two_factors_are_asked_for_password_and_code_sign(strict):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    votes = f"{APPROVALS}{opened['id']}/votes/"
    app = App.of(person("rui"))

    alone = as_("rui").post(votes, SIGNED)
    both = as_("rui").post(votes, SIGNED | {"code": app.code()})

    assert (alone.status_code, alone.json()["code"]) == (403, "second_factor_needed")
    assert alone.json()["field"] == "code"
    assert both.status_code == 201
    [vote] = both.json()["steps"][0]["votes"]
    assert vote["confirmed_with"] == "password and code"


def test_who_has_no_second_factor_is_given_the_link(strict):
    opened = as_("ada").post(APPROVALS, ASKED).json()

    refused = as_("rui").post(f"{APPROVALS}{opened['id']}/votes/", SIGNED)

    assert (refused.status_code, refused.json()["code"]) == (403, "no_second_factor")
    assert refused.json()["link"] == "/account/factors/"


def test_a_code_signs_alone_where_one_is_enough_and_only_once(told):
    opened = as_("ada").post(APPROVALS, ASKED).json()
    votes = f"{APPROVALS}{opened['id']}/votes/"
    code = App.of(person("rui")).code()
    given = {key: value for key, value in SIGNED.items() if key != "password"}

    nothing = as_("rui").post(votes, given)
    signed = as_("rui").post(votes, given | {"code": code, "decision": "abstain"})
    again = as_("rui").post(votes, given | {"code": code})

    assert (nothing.status_code, nothing.json()["code"]) == (403, "nothing_given")
    assert signed.status_code == 201
    assert (again.status_code, again.json()["code"]) == (403, "used_code")


def test_a_lower_tier_is_asked_for_and_becomes_so(told):
    asked = {
        "kind": "lower_tier",
        "use_case": "credit",
        "tier": 2,
        "statement": "It only advises.",
    }

    opened = as_("bo").post(APPROVALS, asked).json()

    assert (opened["kind"], opened["title"]) == ("lower_tier", "Tier 2 for Credit")
    assert (opened["use_case"], opened["model"], opened["version"]) == ("credit", None, None)
    signed = as_("rui").post(f"{APPROVALS}{opened['id']}/votes/", {**SIGNED, "step": "tier"})
    assert signed.json()["state"] == "approved"
    assert as_("bo").get(f"{V1}use-cases/credit/").json()["tier"] == 2


def test_a_field_that_the_kind_needs_is_named(told):
    refused = as_("bo").post(APPROVALS, {"kind": "base_model", "use_case": "credit"})

    assert refused.status_code == 400
    assert refused.json()["reasons"] == [
        "base_model: Asking for a base model takes this field."
    ]


def test_a_use_case_that_is_not_seen_is_not_there(told):
    asked = {"kind": "base_model", "use_case": "credit", "base_model": "small-7b"}

    assert as_("cy").post(APPROVALS, asked).status_code == 404


def test_requests_are_listed_by_kind(told):
    as_("ada").post(APPROVALS, ASKED)
    as_("ada").post(
        APPROVALS, {"kind": "base_model", "use_case": "credit", "base_model": "small-7b"}
    )

    found = as_("bo").get(f"{APPROVALS}?kind=base_model").json()["results"]

    assert [one["title"] for one in found] == ["Base model small-7b for Credit"]
