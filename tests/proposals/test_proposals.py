"""Decisions on a use case itself: a lower tier, a base model to build upon."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.approvals import rework
from governance.approvals.models import Request
from governance.approvals.transitions import State
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.proposals import services
from governance.release import asking
from governance.responsibility.signed import signed_since
from governance.usecases import services as usecases
from governance.usecases.models import UseCase
from registry import services as registry
from tests.approvals.factories import person, policy, sign, story
from tests.release.factories import completed, judged, ready

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "hf:open-lab/small-7b"
STATEMENT = "It only advises people who decide themselves."


def lower(case, tier=2, actor="bo"):
    return services.ask_lower_tier(case, tier, actor=person(actor), statement=STATEMENT)


def test_who_answers_for_the_risk_tier_signs_a_lower_one():
    case = story().use_case

    request = lower(case)
    assert str(request) == "Tier 2 for Credit"
    assert request.evidence_sentence == "Credit is Tier 1; asked for is Tier 2."
    sign(request, "rui")

    case.refresh_from_db()
    assert case.tier == 2
    assert Entry.objects.get(event="usecases.tier.changed").data == {
        "before": 1,
        "after": 2,
        "reason": f"Approved by request {request.pk}.",
    }


def test_nobody_signs_the_lower_tier_they_asked_for():
    case = story().use_case

    with pytest.raises(Conflict) as refusal:
        lower(case, actor="rui")

    assert "asked for this approval" in refusal.value.sentence
    assert not Request.objects.exists()


def test_a_tier_that_is_not_lower_is_not_asked_for():
    case = story().use_case

    with pytest.raises(Conflict):
        lower(case, tier=1)
    with pytest.raises(Invalid):
        lower(case, tier=4)


def test_people_without_a_part_in_the_tier_may_not_ask_for_another():
    with pytest.raises(NotAllowed) as refusal:
        lower(story().use_case, actor="ada")

    assert "Set the risk tier" in refusal.value.sentence


def test_the_account_says_by_which_policies_models_would_go_then():
    facts = {one["title"]: one["text"] for one in lower(story().use_case).evidence["facts"]}

    assert facts["Policies now"] == "credit-scoring: credit v1."
    assert "No published policy" in facts["Policies then"]


def test_a_rejected_proposal_changes_nothing():
    case = story().use_case

    sign(lower(case), "rui", decision="reject", reason="People lose their homes by it.")

    case.refresh_from_db()
    assert case.tier == 1


def test_a_tier_that_was_raised_meanwhile_is_not_lowered():
    case = story().use_case
    UseCase.objects.filter(pk=case.pk).update(tier=2)
    case.refresh_from_db()
    request = lower(case, tier=3)
    usecases.raise_tier(case, 1, actor=person("bo"))

    with pytest.raises(Conflict) as refusal:
        sign(request, "rui")

    case.refresh_from_db()
    assert (refusal.value.code, case.tier) == ("tier_changed", 1)
    assert Request.objects.get(pk=request.pk).is_open


def test_a_proposal_is_handed_in_again_after_changes():
    request = lower(story().use_case)
    sign(request, "rui", decision="changes", reason="Say who decides in the end.")

    request = rework.hand_in_again(
        Request.objects.get(pk=request.pk),
        actor=person("bo"),
        answer="Every case is decided by a clerk.",
    )

    assert (request.state, request.round) == (State.OPEN, 2)


def test_an_adopted_base_model_lets_versions_be_asked_for():
    rules = policy(name="credit", more="base_models: adopted")
    told = ready(rules=rules)
    built = registry.create_version(
        told.version.model, actor=person("ada"), source="s3://models/2", base_model=BASE
    )
    completed(judged(told.use_case, built, rules, by=person("ada")))
    with pytest.raises(Conflict) as refusal:
        asking.request_promotion(built, actor=person("ada"))
    assert refusal.value.code == "base_model"

    request = services.ask_base_model(
        told.use_case, BASE, actor=person("ada"), licence="Apache 2.0", statement=STATEMENT
    )
    sign(request, "rui")
    sign(request, "bo")

    assert asking.request_promotion(built, actor=person("ada")).is_open


def test_a_base_model_is_adopted_once():
    case = story().use_case
    request = services.ask_base_model(case, BASE, actor=person("ada"), statement=STATEMENT)
    with pytest.raises(Conflict) as refusal:
        services.ask_base_model(case, BASE, actor=person("bo"), statement=STATEMENT)
    assert refusal.value.code == "request_open"
    sign(request, "rui")
    sign(request, "bo")

    with pytest.raises(Conflict) as refusal:
        services.ask_base_model(case, BASE, actor=person("ada"), statement=STATEMENT)

    assert refusal.value.field == "base_model"


def test_who_signed_a_proposal_stands_in_the_report_on_responsibilities():
    case = story().use_case
    sign(lower(case), "rui")

    [signed] = signed_since(timezone.now() - timedelta(days=1), [case.scope])

    assert (signed.person, signed.what) == ("Rui", "“tier” for Tier 2 for Credit")
