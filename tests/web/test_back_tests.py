"""The pages of back-tests: asking, counting, following, reading, taking it away as a file."""

import csv
import io
import re

import pytest

from governance.backtests.models import BackTest
from registry import services as registry
from tests.backtests.factories import (
    STRICT,
    blessed,
    draft,
    finished,
    past,
    person,
    requested,
    run,
)
from tests.evaluation.conftest import own_storage
from tests.evaluation.factories import measured
from tests.policies.factories import policy_text
from tests.registry.factories import model
from tests.registry.factories import version as registered

__all__ = ["own_storage"]

pytestmark = pytest.mark.django_db
NEW = "/backtests/new/"


@pytest.fixture
def mle(client):
    client.force_login(person("mle", "policy editor"))
    return client


def said(answer):
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])
    return " ".join(text.split())


def test_an_empty_list_teaches(mle):
    assert "No back-test here" in said(mle.get("/backtests/"))


def test_a_draft_is_tried_over_what_it_would_apply_to(mle):
    past(2)
    tried = draft(STRICT)

    form = mle.get(f"{NEW}?policy=credit&version=2").context["form"]

    assert form.initial == {"policy_version": tried.pk, "tiers": [1], "use_cases": []}
    assert [label for _key, label in form.fields["policy_version"].choices] == [
        "The text below",
        "credit v2 (draft)",
        "credit v1 (published)",
    ]
    assert form.fields["models"].choices == [("credit-scoring", "credit-scoring")]


def test_it_says_how_many_evaluations_it_would_look_at(mle):
    past(2)
    sent = {"policy_version": draft(STRICT).pk, "count": "yes"}

    page = mle.post(NEW, sent)
    part = mle.post(NEW, sent | {"tiers": ["3"]}, headers={"HX-Request": "true"})

    assert "2 evaluations would be judged again." in said(page)
    assert "<html" not in part.content.decode()
    assert "<strong>0</strong> evaluations" in part.content.decode()
    assert not BackTest.objects.exists()


def test_a_back_test_is_asked_for_followed_and_read(mle):
    past(2)
    tried = draft(STRICT)

    asked = mle.post(NEW, {"policy_version": tried.pk, "models": ["credit-scoring"]})

    made = BackTest.objects.get()
    assert (asked.status_code, asked.url) == (302, made.get_absolute_url())
    waiting = mle.get(asked.url).content.decode()
    assert "every 2s" in waiting
    assert "Waiting for a worker." in waiting
    assert f"/jobs/{made.job_id}/cancel/" in waiting

    run(made)

    page = mle.get(asked.url)
    assert "every 2s" not in page.content.decode()
    assert (
        "Would have blocked 2 of the 2 versions that passed then, none of them serving now."
        in said(page)
    )
    assert "over model credit-scoring: 2 evaluations of 2 versions" in said(page)
    assert 'href="/models/credit-scoring/versions/2/"' in page.content.decode()
    assert "below 0.999 — failed." in said(page)
    assert "Would have blocked 2" in said(mle.get("/backtests/"))


def test_a_text_that_is_no_version_may_be_tried(mle):
    past(1)

    assert mle.post(NEW, {"text": policy_text(STRICT)}).status_code == 302
    assert BackTest.objects.get().label == "credit (a text that is no version)"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Name a version of a policy, or give the text to try."),
        ({"text": "policy: x"}, "is missing."),
        ({"text": policy_text("floor: auk at least 0.5")}, "did you mean “auc”?"),
        ({"text": policy_text(), "models": ["secret"]}, "secret is not one of the available"),
        ({"text": policy_text(), "tiers": ["3"]}, "No finished evaluation that you may see"),
        ({"text": policy_text(), "since": "yesterday"}, "Enter a valid date."),
        (
            {"text": policy_text(), "since": "2026-02-01", "until": "2026-01-01"},
            "The period ends before it begins.",
        ),
    ],
)
def test_a_mistake_stands_at_its_field(mle, sent, says):
    past(1)

    answer = mle.post(NEW, sent)

    assert answer.status_code == 422
    assert says in said(answer)


def test_a_version_and_a_text_are_one_too_many(mle):
    past(1)
    tried = draft(STRICT)

    answer = mle.post(NEW, {"policy_version": tried.pk, "text": tried.text})

    assert "Choose a version or give a text, not both." in said(answer)


def test_lines_are_narrowed_and_taken_away_as_they_are_shown(mle, settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"
    first, second = past(2)
    blessed(first.version, dataset_name="march")
    registry.set_alias(
        second.version.model, "champion", second.version, actor=person("root", "administrator")
    )
    made = finished(draft(STRICT))
    person("mle", "policy editor")
    mle.force_login(person("mle"))
    address = made.get_absolute_url()

    def shown(**asked):
        part = mle.get(address, asked, headers={"HX-Request": "true", "HX-Target": "lines"})
        assert "<html" not in part.content.decode()
        return [line.version.number for line in part.context["page"].object_list]

    assert shown() == [2, 1, 1]
    assert shown(serving="yes") == [2]
    assert shown(every="newest") == [2, 1]
    assert shown(show="blocked", model="credit-scoring") == [2, 1, 1]
    assert shown(show="would_pass") == []
    assert shown(breached="yes") == []

    file = mle.get(f"/backtests/{made.pk}.csv", {"every": "newest"})
    rows = list(csv.DictReader(io.StringIO(b"".join(file).decode())))
    assert [row["Version"] for row in rows] == ["2", "1"]
    assert rows[0]["What changes"] == "Would be blocked"
    assert rows[0]["Serving"] == "yes"
    assert rows[0]["Rules in the way"].startswith("Auc floor:")


def test_what_was_cancelled_says_so(mle):
    past(1)
    made = requested(draft(STRICT))
    mle.force_login(person("mle"))
    mle.post(f"/jobs/{made.job_id}/cancel/")

    page = said(mle.get(made.get_absolute_url()))

    assert "Cancelled by Mle." in page
    assert "Nothing was written down." in page


def test_the_page_of_a_policy_tells_of_the_newest_back_test_of_its_very_text(mle):
    past(2)
    tried = draft(STRICT)
    mle.force_login(person("mle", "policy editor"))
    address = tried.get_absolute_url()
    assert "This very text was never back-tested." in said(mle.get(address))

    made = finished(tried)

    mle.force_login(person("mle", "policy editor"))
    page = mle.get(address)
    assert "Would have blocked 2 of the 2 versions that passed then" in said(page)
    assert made.get_absolute_url() in page.content.decode()
    mle.force_login(person("pol", "policy editor"))
    assert "back-tested by somebody else, over models you may not see" in said(mle.get(address))
    mle.force_login(person("mle", "policy editor"))
    assert "never back-tested" in said(mle.get("/policies/credit/1/"))


def test_rules_of_now_and_then_stand_side_by_side(mle):
    past(1)
    made = finished(draft("cheap: cost at most 0.001", "auc floor: auc at least 0.5"))
    measured(registered(model("loose", owner=person("mle"))))
    unjudged = finished(text=policy_text(STRICT), models=("loose",))
    mle.force_login(person("mle"))

    page = mle.get(made.get_absolute_url())
    [line] = page.context["page"].object_list
    assert [(one.name, bool(one.now), bool(one.then)) for one in line.pairs] == [
        ("cheap", True, False),
        ("auc floor", True, True),
    ]
    assert "not asked" in said(page)
    assert "not judged" in said(mle.get(unjudged.get_absolute_url()))


def test_a_rule_that_is_not_asked_any_more_stays_to_be_read(mle):
    past(1)
    made = finished(draft("cheap: cost at most 0.001"))
    mle.force_login(person("mle"))

    [line] = mle.get(made.get_absolute_url()).context["page"].object_list

    assert [(one.name, bool(one.now)) for one in line.pairs] == [
        ("cheap", True),
        ("auc floor", False),
    ]
