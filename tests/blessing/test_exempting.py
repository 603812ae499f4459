"""Asking for an exception from a verdict: only for what is red in the newest one."""

import pytest

from governance.blessing import services
from governance.blessing.models import Blessing
from governance.blessing.queries import latest_blessing
from governance.errors import Conflict, NotFound
from governance.exceptions.models import RuleException
from governance.exceptions.services import revoke
from tests.accounts.factories import person
from tests.evaluation.factories import COLUMNS, measured, parquet, predictions
from tests.exceptions.factories import sign
from tests.exceptions.stories import ask, excepted, red, work

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


def verdicts():
    return list(Blessing.objects.order_by("pk").values_list("verdict", flat=True))


def test_a_verdict_that_was_under_way_while_its_exception_ended_does_not_stay():
    blessing = excepted()
    under_way = services.prepare(blessing.evaluation)
    revoke(RuleException.objects.get(), actor=person("rui"), reason="It is too risky.")
    work()

    services.store(under_way, actor=None)
    work()

    assert verdicts()[-3:] == ["not_blessed", "blessed_with_exception", "not_blessed"]


def test_an_older_evaluation_does_not_have_the_last_word():
    blessing = red()
    exception = ask(blessing)
    newer = measured(
        blessing.version,
        actor=person("mle"),
        source=parquet(predictions(seed=8)),
        columns={**COLUMNS, "row_key": "id"},
    )

    sign(exception, "rui")
    sign(exception, "bo")
    work()

    assert latest_blessing(blessing.version).evaluation == newer
    assert latest_blessing(blessing.version).verdict == "blessed_with_exception"


def test_judging_the_frozen_evidence_again_comes_to_the_same_with_exceptions():
    blessing = excepted()

    assert services.reproduce(blessing).is_same
    revoke(RuleException.objects.get(), actor=person("rui"), reason="It is too risky.")
    assert services.reproduce(blessing).is_same
