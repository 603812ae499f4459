"""A request handed in again: evidence frozen from what is true now, and what changed said part by part."""

import pytest
from django.db import transaction

from governance.approvals.models import FormerAccount
from governance.approvals.transitions import State
from governance.blessing.models import Blessing
from governance.blessing.signals import judged as judged_signal
from governance.cards import services as cards
from governance.errors import Conflict
from governance.notifications.models import Notification
from governance.policies import services as policies
from governance.release import asking, queries
from governance.release.models import Clearance
from tests.policies.factories import put_in_force
from tests.release.factories import judged, person, ready, requested, sign

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = "The card now says for whom it is."
OVERVIEW = "It scores retail loans only, by what they owe elsewhere."


def returned(told):
    request = requested(told)
    sign(request, "rui", decision="changes", reason="Say for whom it is.")
    request.refresh_from_db()
    return request


def test_what_was_changed_meanwhile_is_frozen_and_told():
    told = ready()
    request = returned(told)
    cards.revise(told.version, actor=person("ada"), overview=OVERVIEW)

    asking.hand_in_again(request, actor=person("ada"), answer=ANSWER)

    request.refresh_from_db()
    fields = request.evidence["card"]["sections"].values()
    assert OVERVIEW in [one["value"] for part in fields for one in part["fields"].values()]
    [kept] = FormerAccount.objects.filter(request=request)
    assert any(sentence.startswith("Card") for sentence in kept.changes)


def test_the_last_signature_clears_on_the_evidence_of_the_last_round():
    told = ready()
    request = returned(told)
    cards.revise(told.version, actor=person("ada"), overview=OVERVIEW)
    asking.hand_in_again(request, actor=person("ada"), answer=ANSWER)

    sign(request, "rui")
    sign(request, "bo")

    request.refresh_from_db()
    assert request.state == State.APPROVED
    assert Clearance.objects.get(request=request).blessing == request.blessing


def test_under_another_policy_it_is_asked_anew():
    told = ready()
    request = returned(told)
    text = told.policy.text.replace("0.75", "0.76")
    put_in_force(policies.draft(told.policy.policy.name, text, actor=person("pol")))

    with pytest.raises(Conflict) as refused:
        asking.hand_in_again(request, actor=person("ada"), answer=ANSWER)

    assert refused.value.code == "other_policy"


def test_a_version_whose_request_waits_for_changes_is_not_asked_for_again():
    request = requested()
    sign(request, "rui", decision="changes", reason="Say for whom it is.")

    report = queries.gate_report(request.version, user=person("ada"))

    assert report.obstacles == ()
    assert report.reasons[-1] == f"Request {request.pk} for it waits for changes by Ada."
    [asked] = [one for one in report.checklist if one.key == "asked"]
    assert (asked.state, asked.sentence.endswith("It waits for changes by Ada.")) == (
        "waiting",
        True,
    )


def test_a_verdict_that_fails_sends_open_requests_back():
    told = ready()
    request = requested(told)

    failed = judged(
        told.use_case, told.version, told.policy, by=person("ada"), verdict="not_blessed"
    )
    with transaction.atomic():
        judged_signal.send(sender=Blessing, blessing=failed.blessing)

    request.refresh_from_db()
    assert request.state == State.REWORK
    title = "Changes asked for: credit-scoring v1 for champion"
    [told_ada] = Notification.objects.filter(user=person("ada"), title=title)
    assert told_ada.line.startswith("The evidence moved on; judged again: ")
