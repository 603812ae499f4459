"""Asking for an exception from a verdict: only for what is red in the newest one."""

import pytest

from governance.blessing import services
from governance.errors import Conflict, NotFound
from governance.exceptions.models import RuleException
from tests.exceptions.stories import ask, red

pytestmark = pytest.mark.django_db


def test_what_the_verdict_says_is_frozen_into_the_question():
    blessing = red()

    exception = ask(blessing)

    rule = blessing.results.get(position=1)
    assert (exception.rule_text, exception.outcome, exception.sentence) == (
        rule.text,
        "fail",
        rule.sentence,
    )
    assert exception.evidence_digest == blessing.digest
    assert {one["part"] for one in exception.contributions} == {
        "registered the version",
        "handed in the evaluation",
    }


def test_a_rule_that_passed_needs_none():
    with pytest.raises(Conflict) as refused:
        ask(red(), position=0)

    assert refused.value.code == "not_in_the_way"


def test_a_rule_that_only_warns_needs_none():
    with pytest.raises(Conflict):
        ask(red("ambition: auc at least 0.99 warn"))


def test_too_few_rows_may_be_excepted():
    rule = "ambition: auc at least 0.55 needs 5000 rows"

    assert ask(red(rule)).outcome == "too_few"


def test_there_is_no_rule_at_another_position():
    with pytest.raises(NotFound):
        ask(red(), position=7)


def test_an_older_verdict_is_not_asked_on():
    older = red()
    services.bless(older.evaluation, actor=None)

    with pytest.raises(Conflict) as refused:
        ask(older)

    assert refused.value.code == "older_verdict"
    assert not RuleException.objects.exists()
