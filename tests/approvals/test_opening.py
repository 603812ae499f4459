"""Opening a request: what is frozen, who is asked and told, and what refuses it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError
from django.db.utils import DatabaseError
from django.utils import timezone

from governance.approvals.models import Request
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.notifications.models import Notification
from raci import services as raci
from raci.models import Matrix
from registry import services as registry
from tests.approvals.factories import (
    RELEASE,
    VALIDATION,
    judged,
    open_request,
    person,
    story,
)

pytestmark = pytest.mark.django_db


def told(username, kind):
    return Notification.objects.filter(user__username=username, kind=kind)


def refusals():
    return Entry.objects.filter(event=Event.REQUEST_OPENED, refused=True)


def test_the_steps_are_copied_from_the_policy():
    request = open_request()

    assert list(request.steps.values_list("position", "name", "duty", "quorum", "meaning")) == [
        (1, "validation", "R", 1, "validated"),
        (2, "release", "A", 1, "approved"),
    ]
    assert request.steps.last().activity_title == "Approve or reject the release"


def test_the_request_is_due_when_its_last_step_is():
    request = open_request()

    assert request.steps.first().due_at is None
    assert request.due_at == request.steps.last().due_at
    assert request.due_at - request.opened_at == timedelta(days=5)


def test_what_it_is_about_is_copied():
    request = open_request()

    assert str(request) == "credit-scoring v1 for champion"
    assert (request.use_case_title, request.tier) == ("Credit", 1)
    assert request.evidence_sentence == "Blessed against credit v1."
    assert request.evidence_digest.startswith("sha256:")
    assert request.requester_name == "Ada"


def test_only_those_of_the_first_step_are_asked_to_sign_yet():
    open_request()

    assert told("rui", "approval_requested").count() == 1
    assert not told("bo", "approval_requested").exists()


def test_those_consulted_are_asked_for_advice_but_not_who_asks():
    request = open_request()

    assert [one.user.username for one in request.consultations.all()] == ["rui", "sam"]
    assert told("sam", "advice_requested").count() == 1
    assert not told("ada", "advice_requested").exists()


def test_nobody_is_consulted_when_the_policy_does_not_say_so():
    from tests.approvals.factories import policy

    request = open_request(story(rules=policy(consult="")))

    assert not request.consultations.exists()


def test_opening_is_in_the_trail():
    request = open_request()

    entry = Entry.objects.get(event=Event.REQUEST_OPENED)
    assert entry.subject_id == str(request.pk)
    assert entry.data["steps"] == ["validation", "release"]
    assert entry.data["consulted"] == ["Rui", "Sam"]


def test_the_same_is_asked_once_at_a_time():
    case = story()
    first = open_request(case)

    with pytest.raises(Conflict) as refused:
        open_request(case)

    assert refused.value.link == first.get_absolute_url()
    assert refusals().count() == 1


def test_the_database_keeps_two_open_requests_for_the_same_apart():
    request = open_request()
    request.pk = None
    request._state.adding = True

    with pytest.raises(IntegrityError, match="one_undecided_request"):
        request.save()


def test_another_pointer_may_be_asked_for_beside():
    case = story()
    open_request(case)

    assert open_request(case, pointer="Production", pointer_kind="stage").is_open


def test_a_stranger_may_not_ask():
    with pytest.raises(NotAllowed):
        open_request(actor=person("cy"))

    assert refusals().get().actor_name == "Cy"
    assert not Request.objects.exists()


def test_who_is_only_consulted_may_not_ask():
    with pytest.raises(NotAllowed):
        open_request(actor=person("sam"))


@pytest.mark.parametrize("verdict", ["not_blessed", "undecided", "not_evaluated"])
def test_a_version_that_is_not_blessed_cannot_be_asked_for(verdict):
    case = story()
    other = judged(case.use_case, case.version, case.policy, by=person("ada"), verdict=verdict)

    with pytest.raises(Conflict) as refused:
        open_request(other)

    assert refused.value.code == "not_blessed"


def test_a_blessing_of_another_version_is_refused():
    case = story()
    second = registry.create_version(case.version.model, actor=person("ada"))

    with pytest.raises(Invalid):
        open_request(
            judged(case.use_case, second, case.policy, by=person("ada")), blessing=case.blessing
        )


def test_an_ungoverned_model_has_nobody_to_ask():
    case = story()
    loose = registry.create_version(
        registry.create_model("loose", actor=person("ada")), actor=person("ada")
    )

    with pytest.raises(Conflict) as refused:
        open_request(judged(case.use_case, loose, case.policy, by=person("ada")))

    assert refused.value.code == "ungoverned"


def test_a_duty_nobody_holds_is_named():
    case = story(RV=[])

    with pytest.raises(Conflict) as refused:
        open_request(case)

    assert refused.value.code == "nobody_to_sign"
    assert refused.value.reasons == (
        "Nobody is Responsible for “Validate independently (effective challenge)” in Credit, "
        "so the step validation cannot be signed.",
    )
    assert refused.value.link == case.use_case.get_absolute_url()


def test_a_duty_held_only_by_who_asks_is_named():
    case = story()

    with pytest.raises(Conflict) as refused:
        open_request(case, actor=person("bo"))

    assert refused.value.reasons == (
        "The step release needs one signature by who is Accountable for “Approve or reject the "
        "release” in Credit, but Bo asked for this approval.",
    )


def test_a_duty_held_only_by_who_built_it_is_named():
    case = story(RV=[person("ada")])

    with pytest.raises(Conflict) as refused:
        open_request(case, actor=person("bo"))

    assert "but Ada registered the version." in refused.value.reasons[0]


def test_one_person_cannot_be_all_signatures():
    case = story(RV=[person("bo")])

    with pytest.raises(Conflict) as refused:
        open_request(case)

    assert refused.value.reasons == (
        "The steps validation and release need 2 different people, but only Bo may sign them.",
    )


def test_an_unsound_matrix_refuses_the_request():
    case = story()
    matrix = Matrix.objects.get(scope=case.use_case.scope)
    raci.set_cell(
        matrix.activities.get(key="approve_release"),
        matrix.roles.get(code="SEC"),
        "A",
        actor=person("bo"),
    )

    with pytest.raises(Conflict) as refused:
        open_request(case)

    assert refused.value.reasons[0].startswith("2 roles are Accountable")


def test_a_deleted_version_cannot_be_asked_for():
    case = story()
    registry.delete_version(case.version, actor=person("root", "administrator"))

    with pytest.raises(Conflict):
        open_request(case)


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_evidence_that_is_no_json_is_refused(value):
    with pytest.raises(Invalid) as refused:
        open_request(evidence={"auc": value})

    assert refused.value.field == "evidence"
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("evidence", {}),
        ("evidence_digest", "x"),
        ("requester_may_vote", True),
        ("due_at", None),
    ],
)
def test_what_was_asked_never_changes(field, value):
    request = open_request()

    with pytest.raises((InternalError, IntegrityError)):
        Request.objects.filter(pk=request.pk).update(**{field: value})


def test_a_request_and_its_steps_are_never_removed():
    request = open_request()

    with pytest.raises(DatabaseError):
        request.steps.all()._raw_delete("default")


def test_a_policy_may_ask_for_two_signatures_on_a_step():
    two = RELEASE.replace("duty: A", "duty: A, quorum: 2")

    with pytest.raises(Conflict) as refused:
        open_request(story(steps=(VALIDATION, two)))

    assert "needs 2 signatures" in refused.value.reasons[0]
    assert "only Bo may sign" in refused.value.reasons[0]


def test_opening_in_time_uses_one_moment():
    before = timezone.now()

    assert before <= open_request().opened_at <= timezone.now()
