"""The gate: champion moves with a clearance that holds, and never without."""

import pytest

from governance.approvals.models import Request
from governance.audit.models import Entry
from governance.policies import services as policies
from governance.release import queries, services
from governance.release.models import Clearance
from registry import services as registry
from registry.errors import NotAllowed
from registry.models import Alias, AliasMove
from tests.policies.factories import put_in_force
from tests.registry import factories as registered
from tests.release.factories import (
    challenger,
    cleared,
    person,
    policy,
    ready,
    requested,
    sign,
)
from tests.release.test_clearances import REASON, age

pytestmark = pytest.mark.django_db


def refused(version, *, pointer="champion"):
    with pytest.raises(NotAllowed) as refusal:
        services.promote(version, actor=person("olu"), alias=pointer)
    assert not Alias.objects.filter(version=version).exists()
    return refusal.value


def test_champion_is_refused_before_and_moves_after_the_signatures():
    told = ready()
    refusal = refused(told.version)
    assert refusal.reasons == ("credit-scoring v1 has no clearance for champion.",)
    assert Entry.objects.get(event="registry.alias.set").refused

    request = Request.objects.get()
    sign(request, "rui")
    sign(request, "bo")
    clearance = Clearance.objects.get()
    alias = services.promote(told.version, actor=person("olu"))

    assert alias.version == told.version
    evidence = AliasMove.objects.get().decision["evidence"]
    assert evidence["clearance"] == clearance.pk
    assert evidence["evidence_digest"] == clearance.request.evidence_digest


def test_refused_move_of_a_ready_version_opens_the_request_once():
    told = ready()
    refusal = refused(told.version)
    request = Request.objects.get()
    assert request.requester == person("olu")
    assert refusal.link == request.get_absolute_url()
    assert f"request {request.pk} " in refusal.sentence
    assert f"/approvals/{request.pk}/" in refused(told.version).sentence
    assert Request.objects.count() == 1


def test_refused_stage_of_a_ready_version_opens_the_request_for_the_stage():
    told = ready()
    with pytest.raises(NotAllowed, match="Approval request"):
        services.enter_stage(told.version, "production", actor=person("olu"))
    assert Request.objects.get().pointer == "Production"


def test_refused_move_of_an_unready_version_opens_nothing_and_says_what_is_missing():
    told = ready()
    other = registered.version(told.version.model, owner=person("ada"))
    refusal = refused(other)
    assert "credit-scoring v2 has no verdict: evaluate it first." in refusal.reasons
    assert "/models/credit-scoring/versions/2/" in refusal.sentence
    assert not Request.objects.exists()


def test_refused_stranger_opens_nothing():
    told = ready()
    with pytest.raises(NotAllowed):
        services.promote(told.version, actor=person("mo"))
    assert not Request.objects.exists()


def test_open_request_is_named_in_the_refusal():
    told = ready()
    request = requested(told)
    sign(request, "rui")

    assert refused(told.version).reasons[1] == (
        f"Request {request.pk} for it is open: it waits for release."
    )


def test_rejected_request_is_named_in_the_refusal():
    told = ready()
    sign(requested(told), "rui", decision="reject")

    assert refused(told.version).reasons[1].endswith("was rejected.")


def test_clearance_is_for_one_version():
    told = ready()
    cleared(told)

    assert "v2 has no clearance" in refused(challenger(told).version).sentence


def test_clearance_is_for_one_pointer():
    told = ready()
    cleared(told)

    with pytest.raises(NotAllowed):
        registry.transition_stage(told.version, "Production", actor=person("olu"))


def test_clearance_for_a_stage_opens_that_stage():
    told = ready()
    cleared(told, alias="Production", pointer_kind="stage")

    version = registry.transition_stage(told.version, "Production", actor=person("olu"))

    assert version.stage == "Production"


def test_clearance_whose_time_ran_out_is_refused_without_any_sweeper():
    told = ready()
    clearance = cleared(told)
    age(clearance, 365)
    clearance.refresh_from_db()

    assert clearance.state == "valid"
    assert "its time ran out" in refused(told.version).sentence


def test_revoked_clearance_is_refused_even_where_the_alias_stands():
    told = ready()
    clearance = cleared(told)
    services.promote(told.version, actor=person("olu"))
    services.revoke(clearance, actor=person("bo"), reason=REASON)

    with pytest.raises(NotAllowed, match="has been revoked: The training data"):
        services.promote(told.version, actor=person("olu"))


def test_other_policy_closes_the_gate():
    told = ready()
    cleared(told)
    editor = person("pol", "policy editor")
    policies.retire(told.policy, actor=editor)
    policy(name="strict")

    assert "now strict applies" in refused(told.version).sentence


def test_next_version_of_the_same_policy_leaves_the_clearance():
    told = ready()
    cleared(told)
    policy(name="credit", consult="")

    assert services.promote(told.version, actor=person("olu"))


def test_without_a_policy_the_gate_is_closed():
    told = ready()
    cleared(told)
    policies.retire(told.policy, actor=person("pol", "policy editor"))

    assert "No published policy applies" in refused(told.version).sentence


@pytest.mark.parametrize("pointer", ["champion", "live"])
def test_ungoverned_model_gets_no_pointer_that_any_policy_protects(pointer):
    draft = policies.draft(
        "live",
        "policy: live\napplies_to: {tiers: [3]}\nprotects: {aliases: [live]}\n"
        'rules: ["auc floor: auc at least 0.7"]\n'
        "approvals: [{step: release, activity: approve_release, duty: A, meaning: approved}]\n"
        "valid_for: 365 days\n",
        actor=person("pol", "policy editor"),
    )
    put_in_force(draft)
    version = registered.version(owner=person("ada"))

    with pytest.raises(NotAllowed, match="ungoverned"):
        registry.set_alias(version.model, pointer, version, actor=person("ada"))


def test_unprotected_alias_moves_freely():
    version = registered.version(owner=person("ada"))

    registry.set_alias(version.model, "challenger", version, actor=person("ada"))

    assert "not protected" in AliasMove.objects.get().decision["reasons"][0]


def test_champion_may_always_be_taken_away():
    told = ready()
    clearance = cleared(told)
    services.promote(told.version, actor=person("olu"))
    services.revoke(clearance, actor=person("bo"), reason=REASON)

    registry.delete_alias(told.version.model, "champion", actor=person("olu"))

    assert AliasMove.objects.first().decision["reasons"] == [
        "Taking champion away needs no clearance."
    ]


def test_builder_may_not_take_champion_away():
    told = ready()
    cleared(told)
    services.promote(told.version, actor=person("olu"))

    with pytest.raises(NotAllowed):
        registry.delete_alias(told.version.model, "champion", actor=person("ada"))


@pytest.mark.parametrize(
    "act",
    [
        lambda version, root: registry.delete_version(version, actor=root),
        lambda version, root: registry.delete_model(version.model, actor=root),
        lambda version, root: registry.rename_model(version.model, "other", actor=root),
    ],
)
def test_what_serves_is_neither_deleted_nor_renamed(act):
    told = ready()
    cleared(told)
    services.promote(told.version, actor=person("olu"))

    with pytest.raises(NotAllowed, match="serves as champion"):
        act(told.version, person("root", "administrator"))

    assert Alias.objects.get().version == told.version


def test_what_does_not_serve_may_be_deleted():
    version = registered.version(owner=person("ada"))
    registry.set_alias(version.model, "challenger", version, actor=person("ada"))

    registry.delete_version(version, actor=person("ada"))

    assert not Alias.objects.exists()


def test_pipeline_gets_the_short_answer_with_few_queries(django_assert_max_num_queries):
    told = ready()
    clearance = cleared(told)

    with django_assert_max_num_queries(5):
        answer = queries.gate_answer(told.version, alias="champion")

    assert answer.allowed
    assert answer.request == clearance.request
    assert answer.reasons[0].startswith("Cleared for champion until")


def test_move_with_clearance_takes_few_queries(django_assert_max_num_queries):
    told = ready()
    cleared(told)
    olu = person("olu")

    with django_assert_max_num_queries(25):
        services.promote(told.version, actor=olu)


def test_artifact_found_changed_lapses_the_clearance_and_closes_the_gate():
    told = ready()
    registry.pin_artifact(
        told.version, actor=None, location="s3://bucket/m", digest=registered.DIGEST
    )
    clearance = cleared(told)
    services.promote(told.version, actor=person("olu"))

    registry.record_check(told.version, digest="sha256:" + "e" * 64)

    clearance.refresh_from_db()
    assert clearance.state == Clearance.State.LAPSED
    assert "found changed" in clearance.reason
    assert not queries.gate_answer(told.version).allowed


def test_artifact_pinned_after_the_clearance_changes_nothing():
    told = ready()
    cleared(told)
    registry.pin_artifact(
        told.version, actor=None, location="s3://bucket/m", digest="sha256:" + "f" * 64
    )
    assert queries.gate_answer(told.version).allowed


def test_copy_of_a_cleared_version_is_not_cleared():
    told = ready()
    cleared(told)
    copied = registered.version(
        told.version.model, owner=person("ada"), source=f"models:/{told.version.model.name}/1"
    )
    assert "credit-scoring v2 has no clearance for champion." in refused(copied).reasons
