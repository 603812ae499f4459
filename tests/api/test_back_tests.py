"""Back-tests and what-if over REST: ask, follow, read as JSON and CSV; and one verdict under other rules."""

import csv
import io

import pytest

from governance.backtests.models import BackTest
from governance.blessing.models import Blessing
from tests.api.clients import V1, bearing
from tests.backtests.factories import STRICT, draft, finished, past, person, run
from tests.evaluation.conftest import own_storage
from tests.policies.factories import policy_text

__all__ = ["own_storage"]

pytestmark = pytest.mark.django_db


def mle(*groups):
    return bearing(person("mle", *groups))


def asked(client, **body):
    return client.post(f"{V1}backtests/", body, format="json")


def test_a_back_test_is_asked_for_followed_and_read():
    past(2)
    draft(STRICT)
    client = mle("policy editor")

    answer = asked(client, policy="credit", policy_version=2, models=["credit-scoring"])

    assert answer.status_code == 202
    told = answer.json()
    assert answer["Location"].endswith(f"/api/v1/jobs/{told['job']['id']}/")
    assert told["back_test"]["counts"] is None
    assert told["back_test"]["label"] == "credit v2 (draft)"

    run(BackTest.objects.get())

    found = client.get(f"{V1}backtests/{told['back_test']['id']}/").json()
    assert (found["state"], found["counts"]["blocked"], found["counts"]["versions"]) == (
        "succeeded",
        2,
        2,
    )
    assert found["sentence"].startswith("Would have blocked 2 of the 2 versions")
    assert found["selection"]["models"] == ["credit-scoring"]
    assert "0.999" in found["text"]


def test_lines_are_pages_of_json_or_a_file():
    past(2)
    made = finished(draft(STRICT))
    client = mle()
    lines = f"{V1}backtests/{made.pk}/lines/"

    found = client.get(lines, {"show": "blocked", "page_size": 1}).json()
    assert (found["count"], len(found["results"])) == (2, 1)
    line = found["results"][0]
    assert (line["verdict_then"], line["verdict_now"]) == ("blessed", "not_blessed")
    assert line["rules"][0]["outcome"] == "fail"

    for answer in (
        client.get(lines, {"format": "csv"}),
        client.get(lines, HTTP_ACCEPT="text/csv"),
    ):
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
        assert [row["What changes"] for row in rows] == ["Would be blocked"] * 2


def test_a_draft_others_may_not_read_is_not_found():
    past(1)
    draft(STRICT)

    assert asked(mle(), policy="credit", policy_version=2).status_code == 404
    newest = asked(mle(), policy="credit").json()
    assert newest["back_test"]["policy_version"] == 1


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "text", "Name a version of a policy"),
        ({"text": "policy: ["}, "text", "This is not YAML"),
        ({"text": policy_text(), "models": ["secret"]}, "models", "no model called secret"),
        ({"text": policy_text(), "tiers": [4]}, "tiers", "less than or equal to 3"),
        ({"text": policy_text(), "tiers": [3]}, "selection", "No finished evaluation"),
        ({"text": policy_text(), "since": "soon"}, "since", "Date has wrong format"),
    ],
)
def test_a_mistake_names_its_field(body, field, says):
    past(1)

    answer = asked(mle(), **body)

    assert answer.status_code in (400, 422)
    problem = answer.json()
    fields = problem.get("errors") or {problem["field"]: problem["detail"]}
    assert list(fields) == [field]
    assert says in str(fields[field])


# What if


def what_if(client, blessing, **body):
    return client.post(f"{V1}blessings/{blessing.pk}/what-if/", body, format="json")


def test_exactly_the_changed_rule_flips_and_nothing_is_stored():
    blessing = past(1)[0]
    rules = ["auc floor: auc at least 0.999", "cheap: cost at most 100"]

    answer = what_if(mle(), blessing, rules=rules)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["verdict_then"], told["verdict"]) == ("blessed", "not_blessed")
    assert (told["sufficed_then"], told["suffices"]) == (True, False)
    assert told["sentence"].startswith(
        "Not blessed against credit v1 as changed: auc floor failed"
    )
    changed, new = told["rules"]
    assert (changed["outcome_then"], changed["outcome"], changed["flips"]) == (
        "pass",
        "fail",
        True,
    )
    assert (new["outcome_then"], new["outcome"]) == (None, "pass")
    assert Blessing.objects.count() == 1


def test_a_whole_policy_may_be_tried():
    blessing = past(1)[0]

    told = what_if(mle(), blessing, text=policy_text("auc floor: auc at least 0.6")).json()

    assert told["verdict"] == "blessed"
    assert not any(rule["flips"] for rule in told["rules"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "Give either rules or the text of a policy."),
        ({"rules": ["a: auc at least 0.5"], "text": policy_text()}, "Give either"),
        ({"rules": ["a: auc at leest 0.5"]}, "Rule 1, column"),
        ({"rules": ["a: auc at least 0.5", "A: auc at most 0.9"]}, "Two rules are called"),
        ({"rules": ["a: auk at least 0.5"]}, "did you mean “auc”?"),
        ({"rules": ["a: psi(age) at most 0.1"] * 101}, "no more than 100"),
        ({"text": "rules: &a [*a]"}, "Anchors and aliases are not accepted."),
    ],
)
def test_what_cannot_be_tried_says_why(body, says):
    answer = what_if(mle(), past(1)[0], **body)

    assert answer.status_code in (400, 422)
    assert says in str(answer.json())
