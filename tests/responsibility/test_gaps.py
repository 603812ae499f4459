"""The report of gaps, who is asked to accept, and the mails, on the story of approvals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.accounts.models import User
from governance.notifications.models import Notification
from governance.responsibility import asking, gaps, tasks
from raci import acceptance, holding, queries
from raci.models import Holder, Matrix, MatrixVersion
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import story

pytestmark = pytest.mark.django_db


def told(kind, reader="vi"):
    person("vi", "auditor")
    return [
        one.sentence for one in gaps.found(gaps.seen_by(person(reader))) if one.kind == kind
    ]


def kinds(username):
    rows = Notification.objects.filter(user__username=username).order_by("pk")
    return list(rows.values_list("kind", "title"))


def test_a_model_outside_any_use_case_has_no_owner():
    story()
    registry.create_model("free", actor=person("ada"))

    assert "free is in no use case, so nobody answers for it." in told("owner")


def test_a_closed_account_that_holds_a_role_is_found():
    story()
    User.objects.filter(username="rui").update(is_active=False)

    [sentence] = told("leaver")
    assert sentence.startswith("Rui, who holds Risk and validation in Credit, has no active")
    matrix = Matrix.objects.get()
    assert any(
        one.code == "R5" and one.severity == "error" and "Rui" in one.sentence
        for one in queries.advice(matrix)
    )


def test_who_registers_without_being_responsible_is_told():
    made = story()
    registry.create_version(made.version.model, actor=person("root", "administrator"))

    assert any(one.startswith("Root registered credit-scoring v2") for one in told("act"))
    assert not any(one.startswith("Ada registered") for one in told("act"))


def test_a_stranger_reads_nothing_of_others():
    story()

    assert gaps.found(gaps.seen_by(person("cy"))) == []


def test_whoever_answers_for_many_models_is_overloaded(settings):
    story()
    settings.RESPONSIBILITY_MOST_MODELS = 0

    loads = gaps.seen_by(person("vi", "auditor")).loads

    assert any(one.is_overload for one in loads)
    assert {"Bo"} <= {str(one.person) for one in loads}
    assert told("load")


def test_people_are_asked_once_when_the_matrix_has_come_to_rest():
    story()
    assert asking.ask_again() == 0

    long_ago = timezone.now() - timedelta(hours=1)
    Holder.objects.update(assigned_at=long_ago)
    asking.RESTED, kept = timedelta(0), asking.RESTED
    try:
        first, again = asking.ask_again(), asking.ask_again()
    finally:
        asking.RESTED = kept

    assert MatrixVersion.objects.exists()
    assert first == len(acceptance.acceptances())
    assert again == 0
    assert ("duties_to_accept", "Accept your duties in Credit") in kinds("rui")


def test_both_are_told_of_a_hand_over_and_deputies_of_an_absence():
    story()
    root, rui, cy = person("root", "administrator"), person("rui"), person("cy")
    holding.name_deputy(rui, cy, actor=rui)
    holding.enter_absence(rui, actor=rui)
    holding.hand_over(rui, cy, actor=root, reason="She leaves.")

    titles = [title for _kind, title in kinds("cy")]
    assert titles == ["You stand in for Rui", "Rui is away", "Handed over: Credit"]
    assert ("responsibility_told", "Handed over: Credit") in kinds("rui")


def test_administrators_are_mailed_the_gaps():
    story()
    person("root", "administrator")

    tasks.report_gaps()

    assert ("responsibility_gaps", "Gaps in responsibility") in kinds("root")
