"""R6: who made the version or gave evidence may not sign, nor may anybody in their place."""

import pytest

from governance.approvals import queries
from governance.approvals.models import Request
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, NotAllowed
from governance.evaluation.models import Evaluation
from governance.usecases.queries import matrix_of
from raci import holding
from raci import services as raci
from raci.edits import Edit
from registry import services as registry
from tests.approvals.factories import (
    RELEASE,
    VALIDATION,
    open_request,
    person,
    policy,
    sign,
    story,
)

pytestmark = pytest.mark.django_db


def away(name, *deputies):
    """They are away, and the named ones stand in for them."""
    somebody = person(name)
    for deputy in deputies:
        holding.name_deputy(somebody, person(deputy), actor=somebody)
    holding.enter_absence(somebody, actor=somebody)


def refused(request, name, **how):
    with pytest.raises(NotAllowed) as refusal:
        sign(request, name, **how)
    return list(refusal.value.reasons)


def waits_for(name):
    return [one.step.name for one in queries.awaiting(person(name))]


def test_who_trained_it_by_a_tag_may_not_sign():
    told = story(RV=[person("rui"), person("eve")])
    request = open_request(told)
    assert waits_for("eve") == ["validation"]

    registry.set_tag(told.version, "mlflow.user", "eve", actor=person("ada"))

    assert refused(request, "eve") == [
        "You trained it, as the tag mlflow.user says, so you may not sign it."
    ]
    assert waits_for("eve") == []


def test_a_claim_bars_and_lets_nobody_sign():
    told = story()
    registry.set_tag(told.version, "trained_by", "cy", actor=person("ada"))
    request = open_request(told)

    assert "You are not Responsible for" in refused(request, "cy")[0]


def test_who_evaluated_the_baseline_may_not_sign():
    eve = person("eve")
    told = story(RV=[person("rui"), eve])
    before = registry.create_version(told.version.model, actor=person("ada"))
    baseline = Evaluation.objects.create(
        version=before, dataset_name="hold-out", columns={}, state="finished", created_by=eve
    )
    blessing = told.blessing
    blessing.pk, blessing.baseline_version, blessing.baseline_evaluation = (
        None,
        before,
        baseline,
    )
    blessing.save()

    reasons = refused(open_request(told, blessing=blessing), "eve")

    assert reasons == [
        "You handed in the evaluation it is compared with, so you may not sign it."
    ]


def test_the_requester_may_not_sign_through_a_deputy():
    request = open_request(story(BO=[person("bo"), person("bea")]), actor=person("bea"))
    sign(request, "rui")
    away("bea", "cy")

    assert refused(request, "cy") == [
        "You would sign for Bea, who asked for this approval, so you may not sign it."
    ]
    assert waits_for("cy") == []
    entry = Entry.objects.get(event=Event.VOTED, refused=True)
    assert entry.actor_name == "Cy"


def test_nobody_signs_in_the_place_of_who_registered():
    told = story(RV=[person("rui"), person("ada")], OPS=[person("olu")])
    request = open_request(told, actor=person("olu"))
    away("ada", "cy")

    assert refused(request, "cy") == [
        "You would sign for Ada, who registered the version, so you may not sign it."
    ]


def test_a_deputy_with_the_duty_of_their_own_signs_in_their_own_name():
    request = open_request(story(RV=[person("ray"), person("ada")]))
    away("ada", "ray")

    vote = sign(request, "ray")

    assert vote.stands_for is None
    assert "deputy" not in vote.capacity


def test_who_is_asked_for_by_a_deputy_may_not_sign():
    told = story(BO=[person("bo"), person("bea")])
    away("bea", "cy")
    request = open_request(told, actor=person("cy"))
    holding.end_absence(person("bea").raci_absences.get(), actor=person("bea"))
    sign(request, "rui")

    assert refused(request, "bea") == [
        "Cy asked for this approval in your place, so you may not sign it."
    ]
    assert request.asked_for == [{"user": person("bea").pk, "name": "Bea"}]
    assert request.requester_capacity.endswith(", as deputy of Bea")
    assert sign(request, "bo").letter == "A"


def test_a_deputys_signature_says_for_whom_it_stands():
    request = open_request()
    away("rui", "cy")

    vote = sign(request, "cy")

    assert (vote.letter, vote.role, vote.stands_for) == (
        "R",
        "Risk and validation",
        person("rui"),
    )
    assert vote.capacity.endswith(", as deputy of Rui")
    entry = Entry.objects.get(event=Event.VOTED)
    assert (entry.data["letter"], entry.data["role"]) == ("R", "Risk and validation")


def test_a_quorum_is_not_filled_by_two_deputies_of_one_person():
    two = VALIDATION.replace("duty: R", "duty: R, quorum: 2")
    request = open_request(story(steps=(two, RELEASE), RV=[person("rui"), person("ray")]))
    away("rui", "cy", "dee")
    sign(request, "cy")

    assert refused(request, "dee") == [
        "You would sign for Rui, for whom a signature stands already, so you may not sign it."
    ]
    assert sign(request, "ray").decision == "approve"


def test_who_comes_back_finds_that_a_deputy_has_signed_for_them():
    two = VALIDATION.replace("duty: R", "duty: R, quorum: 2")
    request = open_request(story(steps=(two, RELEASE), RV=[person("rui"), person("ray")]))
    away("rui", "cy")
    sign(request, "cy")
    holding.end_absence(person("rui").raci_absences.get(), actor=person("rui"))

    assert refused(request, "rui") == ["Cy has signed this request for you."]


def test_one_person_signs_one_step_also_through_a_deputy():
    request = open_request(story(BO=[person("bo"), person("rui")]))
    sign(request, "rui")
    away("rui", "cy")

    assert refused(request, "cy") == [
        "You would sign for Rui, for whom a signature stands already, so you may not sign it."
    ]


def test_a_request_that_only_the_deputy_of_a_maker_could_sign_is_not_opened():
    told = story(RV=[person("ada")])
    away("ada", "cy")

    with pytest.raises(Conflict) as refusal:
        open_request(told, actor=person("bo"))

    assert "Cy would sign for Ada, who registered the version" in refusal.value.sentence


def test_a_policy_may_let_them_sign_through_deputies_too():
    rules = policy(requester="may vote", contributors="may vote")
    request = open_request(story(rules=rules, RV=[person("ada")]))
    away("ada", "cy")

    assert sign(request, "cy").stands_for == person("ada")


def test_who_is_kept_apart_is_neither_asked_nor_listed():
    told = story(RV=[person("rui"), person("eve")])
    registry.set_tag(told.version, "git.author", "Eve <eve@example.org>", actor=person("ada"))
    request = open_request(told)

    [validation, _release] = queries.progress(request)

    assert validation.sentence == "To be signed by Rui."
    assert [user.username for user in queries.voters(request, validation.step)] == ["rui"]


def test_reading_who_is_kept_apart_does_not_grow_with_requests(django_assert_max_num_queries):
    for number in range(4):
        told = story(f"case{number}", RV=[person("rui"), person("eve")])
        registry.set_tag(told.version, "mlflow.user", "eve", actor=person("ada"))
        open_request(told)

    rui = person("rui")
    with django_assert_max_num_queries(9):
        assert len(queries.awaiting(rui)) == 4
    assert queries.awaiting(person("eve")) == []
    assert Request.objects.open().count() == 4


def revised(told, *edits):
    raci.revise(
        matrix_of(told.use_case), edits, expected=None, actor=person("root", "administrator")
    )
    return told


def test_an_activity_without_an_accountable_stops_the_request_that_needs_it():
    told = revised(story(), Edit("approve_release", "BO", ""))

    with pytest.raises(Conflict) as refusal:
        open_request(told)

    assert refusal.value.reasons[0] == (
        "Nobody is Accountable for “Approve or reject the release”; name exactly one role."
    )


def test_an_error_elsewhere_and_warnings_stop_nothing():
    letters = [Edit("approve_release", role, "C") for role in ("DE", "OPS")]
    told = revised(story(), Edit("decide_retirement", "BO", ""), *letters)

    assert open_request(told).is_open
