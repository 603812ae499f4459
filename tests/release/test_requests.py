"""Asking for approval: what must stand before people are asked, and what is frozen for them."""

import json

import pytest

from governance.approvals.evidence import digest
from governance.approvals.models import Request
from governance.audit.models import Entry
from governance.cards import services as cards
from governance.errors import Conflict, NotAllowed, NotFound
from governance.policies import services as policies
from governance.release import asking
from registry import services as registry
from tests.registry import factories as registered
from tests.release.factories import judged, person, policy, ready, requested

pytestmark = pytest.mark.django_db


def refused(version, **asked):
    with pytest.raises(Conflict) as refusal:
        asking.request_promotion(version, actor=person("ada"), **asked)
    assert not Request.objects.exists()
    assert Entry.objects.filter(event="approvals.request.opened", refused=True).exists()
    return refusal.value


def test_complete_version_is_asked_for():
    told = ready()

    request = requested(told, statement="It beats the champion.")

    assert (request.version, request.pointer, request.blessing) == (
        told.version,
        "champion",
        told.blessing,
    )
    assert request.requester == person("ada")


def test_evidence_tells_the_whole_story():
    evidence = requested().evidence

    assert evidence["sentence"] == "Blessed against credit v1."
    assert evidence["use_case"]["kpis"][0]["title"] == "Bad rate"
    assert evidence["evaluation"]["figures"][0]["n"] == 400
    assert evidence["card"]["sections"]["limits"]["fields"]["limitations"]["filled"]
    assert evidence["serving_now"] == ""


def test_evidence_keeps_its_digest():
    request = requested()

    stored = Request.objects.get(pk=request.pk)

    assert digest(stored.evidence) == stored.evidence_digest
    assert json.dumps(stored.evidence)


def test_ungoverned_model_is_never_asked_for():
    refusal = refused(registered.version(owner=person("ada")))

    assert refusal.code == "no_policy"
    assert "ungoverned" in refusal.sentence


def test_without_a_policy_nobody_is_asked():
    told = ready()
    policies.retire(told.policy, actor=person("pol", "policy editor"))

    assert "No published policy" in refused(told.version).sentence


def test_pointer_without_protection_needs_no_asking():
    assert refused(ready().version, alias="challenger").code == "not_protected"


def test_version_without_verdict_is_not_asked_for():
    told = ready()
    second = registry.create_version(told.version.model, actor=person("ada"))

    refusal = refused(second)

    assert refusal.code == "not_evaluated"
    assert refusal.link == second.get_absolute_url()


def test_newest_verdict_counts_even_when_an_older_one_is_kinder():
    told = ready()
    judged(told.use_case, told.version, told.policy, by=person("ada"), verdict="not_blessed")

    assert refused(told.version).code == "not_blessed"


def test_verdict_of_an_older_policy_does_not_count():
    told = ready()
    policy(name="credit", consult="")

    refusal = refused(told.version)

    assert refusal.code == "other_policy"
    assert "judged by credit v1; credit v2 applies now" in refusal.sentence


def test_card_must_be_complete():
    told = ready()
    cards.revise(told.version, actor=person("ada"), limitations="", intended_use="")

    refusal = refused(told.version)

    assert len(refusal.reasons) == 2
    assert refusal.link == "/models/credit-scoring/versions/1/card/"


def test_stranger_learns_nothing():
    with pytest.raises(NotFound):
        asking.request_promotion(ready().version, actor=person("cy"))


def test_reader_without_a_part_may_not_ask():
    with pytest.raises(NotAllowed):
        asking.request_promotion(ready().version, actor=person("sam"))


def test_second_request_for_the_same_is_a_conflict():
    told = ready()
    first = requested(told)

    with pytest.raises(Conflict) as refusal:
        requested(told)

    assert refusal.value.link == first.get_absolute_url()
