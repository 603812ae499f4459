"""The checklist on the way to champion: what is done, what is not, who acts next."""

import pytest

from governance.cards import services as cards
from governance.release import queries, services
from tests.registry import factories as registered
from tests.release.factories import (
    challenger,
    cleared,
    judged,
    person,
    ready,
    requested,
    sign,
)
from tests.release.test_clearances import REASON

pytestmark = pytest.mark.django_db


def report(version, name="olu", **asked):
    return queries.gate_report(version, user=person(name), **asked)


def states(found):
    return [step.state for step in found.stepper]


def item(found, key):
    return next(one for one in found.checklist if one.key == key)


def test_bare_version_of_an_ungoverned_model_must_be_adopted():
    found = report(registered.version(owner=person("ada")), "ada")

    assert not found.allowed
    assert found.next_act.key == "governed"
    assert [step.title for step in found.stepper] == [
        "Registered",
        "Evaluated",
        "Blessed",
        "In approval",
        "Cleared",
        "Serving",
    ]


def test_ready_version_waits_for_somebody_to_ask():
    found = report(ready().version)

    assert states(found) == ["done", "done", "done", "todo", "todo", "todo"]
    assert found.next_act.key == "asked"
    assert "Ada (R)" in found.next_act.who
    assert found.obstacles == ()


def test_those_who_must_sign_are_named_before_anybody_asks():
    found = report(ready().version)

    assert item(found, "step:validation").who == ("Rui (A/R)",)
    assert item(found, "step:release").who == ("Bo (A)",)


def test_open_request_waits_for_the_first_step():
    told = ready()
    request = requested(told)

    found = report(told.version)

    assert found.request == request
    assert states(found)[3] == "waiting"
    assert found.next_act.key == "step:validation"
    assert found.next_act.who == ("Rui (R)",)
    assert found.next_act.link == request.get_absolute_url()


def test_signed_step_names_who_signed():
    told = ready()
    sign(requested(told), "rui")

    found = report(told.version)

    assert item(found, "step:validation").sentence == "Signed by Rui."
    assert found.next_act.key == "step:release"


def test_rejected_request_fails_the_approval():
    told = ready()
    sign(requested(told), "rui", decision="reject")

    found = report(told.version)

    assert states(found)[3] == "failed"
    assert "Rejected: The evidence answers the need." in item(found, "asked").sentence


def test_cleared_version_may_be_moved_by_those_who_release():
    told = ready()
    cleared(told)

    found = report(told.version)

    assert states(found) == ["done"] * 5 + ["todo"]
    assert found.next_act.key == "serving"
    assert "Olu (A)" in found.next_act.who
    assert found.promote_refusals == ()


def test_builder_is_told_why_the_button_is_closed():
    told = ready()
    cleared(told)

    [refusal] = report(told.version, "ada").promote_refusals

    assert refusal == "You may not move aliases of credit-scoring; ask who releases it."


def test_serving_version_has_nothing_left_to_do():
    told = ready()
    cleared(told)
    services.promote(told.version, actor=person("olu"))

    found = report(told.version)

    assert found.is_serving
    assert states(found) == ["done"] * 6
    assert found.next_act is None


def test_challenger_is_told_who_serves():
    told = ready()
    cleared(told)
    services.promote(told.version, actor=person("olu"))

    found = report(challenger(told).version)

    assert item(found, "serving").sentence == "champion points to credit-scoring v1 now."
    assert found.serving == told.version


def test_ended_clearance_says_why():
    told = ready()
    services.revoke(cleared(told), actor=person("bo"), reason=REASON)

    found = report(told.version)

    assert states(found)[4] == "failed"
    assert REASON in item(found, "cleared").sentence


def test_failed_verdict_comes_with_its_sentence():
    told = ready()
    judged(told.use_case, told.version, told.policy, by=person("ada"), verdict="not_blessed")

    found = report(told.version)

    assert item(found, "blessed").state == "failed"
    assert found.obstacles[0].code == "not_blessed"


def test_gaps_of_the_card_are_listed():
    told = ready()
    cards.revise(told.version, actor=person("ada"), limitations="")

    gap = item(report(told.version), "card")

    assert gap.state == "todo"
    assert "Limitations: nobody has written this yet." in gap.sentence
    assert "Ada (R)" in gap.who


def test_unprotected_pointer_is_open():
    found = report(ready().version, alias="challenger")

    assert found.allowed
    assert item(found, "cleared").state == "done"


def test_report_of_every_moment_can_be_read(django_assert_max_num_queries):
    told, olu = ready(), person("olu")
    assert olu.has_perm("registry.view_registeredmodel") is False  # warms the permission cache

    with django_assert_max_num_queries(17):
        queries.gate_report(told.version, user=olu)
    requested(told)
    with django_assert_max_num_queries(20):
        queries.gate_report(told.version, user=olu)
