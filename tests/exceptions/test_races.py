"""Acts on one exception at the same moment, in real transactions on real connections."""

import pytest

from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict
from governance.exceptions import asking, services
from governance.exceptions.models import RuleException, Signature
from tests.approvals.test_races import at_once
from tests.exceptions.factories import (
    COMPENSATION,
    DIGEST,
    PASSWORD,
    REASON,
    RULE,
    asked,
    governed,
    person,
    today,
    version_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def signing(exception, username, decision="grant"):
    actor = person(username)
    return lambda: services.sign(
        exception, actor=actor, decision=decision, reason=REASON, password=PASSWORD
    )


def test_two_who_grant_at_once_grant_it_once():
    one = asked()

    results = at_once(signing(one, "rui"), signing(one, "bo"))

    assert all(isinstance(result, Signature) for result in results)
    assert RuleException.objects.get().state == "granted"
    assert Entry.objects.filter(event=Event.EXCEPTION_GRANTED).count() == 1


def test_of_two_who_carry_the_same_duty_one_grants():
    one = asked(version_of(governed(tier=2, RV=[person("rui"), person("ray")])))

    results = at_once(signing(one, "rui"), signing(one, "ray"))

    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Signature.objects.count() == 1


def test_a_grant_and_a_refusal_at_once_leave_one_decision():
    one = asked(version_of(governed(tier=2, RV=[person("rui"), person("ray")])))

    results = at_once(signing(one, "rui"), signing(one, "ray", "refuse"))

    [signature] = [found for found in results if isinstance(found, Signature)]
    assert RuleException.objects.get().state == ("granted" if signature.is_grant else "refused")


def test_two_who_ask_at_once_ask_once():
    version = version_of(governed(MO=[person("mo"), person("max")]))
    red = asking.RedRule("credit", "four fifths", RULE, "fail", "It is 0.62.", DIGEST)

    def question(username):
        actor = person(username)
        return lambda: asking.ask(
            version,
            red,
            actor=actor,
            reason=REASON,
            compensation=COMPENSATION,
            until=today(days=30),
        )

    results = at_once(question("mo"), question("max"))

    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert RuleException.objects.count() == 1
