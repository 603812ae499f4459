"""What serves is validated again in time, by tier, and called for once."""

from datetime import timedelta

import pgtrigger
import pytest
from django.utils import timezone

from governance.approvals.kinds import Kind
from governance.audit.models import Entry
from governance.dashboards.my_work import my_work
from governance.errors import Conflict
from governance.notifications.models import Notification
from governance.release import asking, revalidating
from governance.release.assessment import assess
from governance.release.models import Clearance
from registry import services as registry
from tests.release.factories import cleared, person, policy, ready, sign

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def serving():
    clearance = cleared()
    version = clearance.version
    registry.set_alias(version.model, "champion", version, actor=person("olu"))
    return clearance


def asked_again(clearance):
    return asking.request_revalidation(
        clearance.version, actor=person("ada"), statement="It still earns its keep."
    )


def moved(clearance, **times):
    """The clearance as it would be after the time, since what was granted never changes."""
    with pgtrigger.ignore("release.Clearance:keep_values"):
        Clearance.objects.filter(pk=clearance.pk).update(**times)
    return Clearance.objects.get(pk=clearance.pk)


def test_a_clearance_lasts_no_longer_than_until_the_next_validation_of_its_tier():
    rules = policy(name="credit", more="revalidation: {every: {1: 90 days}}")
    clearance = cleared(ready(rules=rules))

    assert clearance.valid_until - clearance.valid_from == 90 * DAY
    assert clearance.valid_until - clearance.ask_from == 30 * DAY


def test_a_signed_revalidation_clears_anew_and_renews_the_former_clearance():
    former = serving()
    request = asked_again(former)
    assert str(request) == "credit-scoring v1 to stay champion"
    sign(request, "rui")
    sign(request, "bo")

    former.refresh_from_db()
    assert former.state == Clearance.State.RENEWED
    present = assess(former.version, "champion").clearance
    assert present.request == request
    assert not Notification.objects.filter(kind="clearance_ended").exists()


def test_what_does_not_serve_is_not_validated_again():
    clearance = cleared()

    with pytest.raises(Conflict) as refusal:
        asked_again(clearance)

    assert refusal.value.code == "not_serving"


def test_those_who_validate_again_are_called_once_however_late_it_is():
    clearance = serving()
    now = timezone.now()
    moved(clearance, ask_from=now - 20 * DAY, valid_until=now + 10 * DAY)

    assert (revalidating.call_due(), revalidating.call_due()) == (1, 0)

    called = Notification.objects.filter(kind="revalidation_due")
    assert [one.title for one in called.filter(user=person("rui"))] == [
        "To validate again: credit-scoring v1 as champion"
    ]
    assert Entry.objects.filter(event="release.revalidation.called").count() == 1


def test_nobody_is_called_for_what_no_longer_serves_or_is_asked_already():
    clearance = serving()
    moved(clearance, ask_from=timezone.now() - DAY)
    registry.delete_alias(clearance.version.model, "champion", actor=person("olu"))
    assert revalidating.call_due() == 0

    registry.set_alias(
        clearance.version.model, "champion", clearance.version, actor=person("olu")
    )
    asked_again(clearance)

    assert revalidating.call_due() == 0


def test_a_policy_may_have_others_sign_a_revalidation():
    review = (
        "revalidation: {approvals: [{step: review, activity: periodic_review, duty: R, "
        "meaning: validated again}]}"
    )
    clearance = cleared(ready(rules=policy(name="credit", more=review)))
    registry.set_alias(
        clearance.version.model, "champion", clearance.version, actor=person("olu")
    )

    request = asked_again(clearance)

    assert [(step.name, step.meaning) for step in request.steps.all()] == [
        ("review", "validated again")
    ]
    assert request.kind == Kind.REVALIDATION


def test_who_validates_again_finds_it_in_their_work_until_it_is_asked_for():
    clearance = serving()
    moved(clearance, ask_from=timezone.now() - DAY)

    [task] = my_work(person("rui")).to_do
    assert task.title.startswith("Validate again by ")
    assert task.title.endswith(": credit-scoring v1 as champion")
    asked_again(clearance)
    assert my_work(person("rui")).to_do == []
