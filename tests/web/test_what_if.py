"""The page on which bounds are moved: what flips, what is wrong, and that nothing is kept."""

import re

import pytest

from governance.blessing.models import Blessing
from tests.backtests.factories import (
    blessed,
    draft,
    governed_model,
    person,
    pia,
    policy,
    version_of,
)
from tests.evaluation.conftest import own_storage
from tests.evaluation.factories import predictions
from tests.policies.factories import published

__all__ = ["own_storage"]

pytestmark = pytest.mark.django_db
PAGE = "/models/credit-scoring/versions/1/what-if/"
RULES = (
    "auc floor: auc at least 0.60",
    "groups: auc at least 0.5 for each age needs 50 rows and 20 positives",
    "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else warn",
)


@pytest.fixture
def mle(client):
    """The client of who made a blessed version."""
    policy(*RULES)
    blessed(version_of(governed_model()), predictions())
    client.force_login(person("mle"))
    return client


def said(answer):
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])
    return " ".join(text.split())


def htmx(client, **sent):
    return client.get(PAGE, sent, headers={"HX-Request": "true"})


def test_without_a_change_nothing_flips(mle):
    page = said(mle.get(PAGE))

    assert "It would still pass. No rule comes to another outcome." in page
    assert "judged by it last" not in page  # one policy leaves nothing to choose


def test_exactly_the_rule_whose_bound_was_moved_flips(mle):
    page = mle.get(PAGE, {"r0.bound": "0.999"})

    assert "It would be blocked. 1 rule comes to another outcome." in said(page)
    assert [rule.rule.name for rule in page.context["tried"].flips] == ["auc floor"]
    assert "auc floor: auc at least 0.60 → auc floor: auc at least 0.999" in said(page)
    assert 'value="0.999"' in page.content.decode()


def test_every_number_of_a_rule_may_be_moved(mle):
    tried = mle.get(PAGE, {"r1.needs_rows": "350"}).context["tried"]

    assert [rule.now.outcome.value for rule in tried.flips] == ["too_few"]
    assert tried.judgement.verdict == "undecided"


def test_a_whole_rule_may_be_rewritten_and_then_its_number_moved(mle):
    line = "auc floor: pr_auc at least 0.9"
    page = mle.get(PAGE, {"mode": "text", "r0": line})
    assert [rule.rule.name for rule in page.context["tried"].flips] == ["auc floor"]

    numbers = mle.get(page.context["other_mode"])
    assert 'name="r0" value="auc floor: pr_auc at least 0.90"' in numbers.content.decode()

    moved = mle.get(PAGE, {"r0": line, "r0.bound": "0.1"})
    assert moved.context["tried"].flips == ()
    assert str(moved.context["rows"][0][0].rule) == "auc floor: pr_auc at least 0.10"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"r0.bound": "lots"}, "“lots” is not a number."),
        ({"r0.bound": "nan"}, "Write a number such as 0.75."),
        ({"r0.bound": "1e300"}, "Write a number such as 0.75."),
        ({"r0.bound": "2"}, "auc lies between 0 and 1"),
        ({"r1.needs_rows": "1.5"}, "Write a whole number from 1 on."),
        ({"mode": "text", "r0": "auc floor: auc at leest 0.5"}, "is not understood; expected"),
        ({"mode": "text", "r0": "auc floor: auk at least 0.5"}, "did you mean “auc”?"),
        ({"mode": "text", "r0": "x" * 5000}, "A rule begins with its name"),
    ],
)
def test_a_mistake_stands_at_its_rule_which_is_tried_as_it_was(mle, sent, problem):
    page = mle.get(PAGE, sent)

    assert page.status_code == 200
    assert problem in said(page).replace("&#x27;", "'")
    assert "The rule is tried as the policy says it." in said(page)
    assert page.context["tried"].flips == ()


def test_a_draft_may_be_tried_by_who_may_read_it(mle):
    tried = draft("auc floor: auc at least 0.99")

    assert mle.get(PAGE, {"policy": tried.label}).context["policy_version"].is_published
    mle.force_login(person("mle", "policy editor"))
    page = mle.get(PAGE, {"policy": tried.label})

    assert page.context["policy_version"] == tried
    assert "It would be blocked." in said(page)
    assert "is not asked by credit v2. Then:" in said(page)


def test_a_version_judged_by_a_retired_policy_is_tried_by_that(mle):
    published(pia(), "auc floor: auc at least 0.5")
    mle.force_login(person("mle"))

    page = mle.get(PAGE)

    assert page.context["policy_version"].label == "credit v1"
    assert "credit v1 (retired), judged by it last" in said(page)


def test_htmx_gets_the_outcomes_and_not_the_fields(mle):
    part = htmx(mle, **{"r0.bound": "0.999"}).content.decode()

    assert "<html" not in part
    assert "<input" not in part
    assert part.count('hx-swap-oob="true"') == 4
    assert 'id="rule-0" hx-swap-oob="true"' in part


def test_nothing_is_kept(mle):
    mle.get(PAGE, {"r0.bound": "0.999"})

    assert Blessing.objects.count() == 1


def test_a_version_without_a_verdict_says_what_is_missing(client):
    version_of(governed_model())
    client.force_login(person("mle"))

    assert "No verdict yet" in said(client.get(PAGE))


def test_a_stranger_finds_neither_the_page_nor_the_version_in_the_list(mle):
    assert "credit-scoring v1" in said(mle.get("/what-if/?policy=credit+v1"))
    mle.force_login(person("cy"))

    assert mle.get(PAGE).status_code == 404
    assert "credit-scoring" not in said(mle.get("/what-if/?search=credit"))
