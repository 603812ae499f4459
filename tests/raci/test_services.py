"""Who may change a matrix, what is refused, and what listeners are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from raci import queries, services, signals
from raci.errors import Conflict, Invalid, NotAllowed, NotFound
from raci.models import Cell, Holder, Matrix
from tests.raci.factories import activity, matrix, person, role

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Everything sent as changed, in order."""
    heard = []

    def listen(event, actor, data, **_):
        heard.append((event, actor, data))

    signals.changed.connect(listen)
    yield heard
    signals.changed.disconnect(listen)


@pytest.fixture
def refusals():
    heard = []

    def listen(event, reasons, **_):
        heard.append((event, reasons))

    signals.refused.connect(listen)
    yield heard
    signals.refused.disconnect(listen)


def test_a_new_matrix_is_a_full_copy_of_the_default():
    credit = matrix()

    assert (credit.roles.count(), credit.activities.count()) == (8, 28)
    assert queries.problems(credit) == []


def test_a_scope_has_one_matrix():
    matrix()

    with pytest.raises(Conflict):
        matrix()


def test_a_new_matrix_tells_its_first_holders(told):
    matrix(BO=person("bo"))

    assert told[-1][0] == signals.MATRIX_CREATED
    assert told[-1][2]["holders"] == {"BO": ["Bo"]}


def test_an_unknown_template_is_refused():
    with pytest.raises(Invalid) as refused:
        services.create_matrix("x", "X", actor=None, template="daci")

    assert refused.value.field == "template"


def test_an_unknown_role_among_the_first_holders_leaves_nothing_behind():
    with pytest.raises(NotFound):
        matrix(CEO=person("bo"))

    assert not Matrix.objects.exists()


def test_the_holder_of_the_right_sets_a_cell(told):
    bo = person("bo")
    credit = matrix(BO=bo)

    services.set_cell(activity(credit, "release"), role(credit, "BO"), "c", actor=bo)

    assert Cell.objects.get(activity__key="release", role__code="BO").letters == "C"
    event, actor, data = told[-1]
    assert (event, actor, data["number"]) == (signals.MATRIX_REVISED, bo, 2)
    assert data["changes"] == ["Release to production: BO I → C"]


def test_setting_the_same_letters_tells_nobody(told):
    bo = person("bo")
    credit = matrix(BO=bo)
    before = len(told)

    services.set_cell(activity(credit, "release"), role(credit, "BO"), "I", actor=bo)

    assert len(told) == before


def test_empty_letters_take_the_cell_away():
    bo = person("bo")
    credit = matrix(BO=bo)

    services.set_cell(activity(credit, "release"), role(credit, "BO"), "", actor=bo)

    assert not Cell.objects.filter(activity__key="release", role__code="BO").exists()


@pytest.mark.parametrize("letters", ["C/I", "A/C", "X", "RACI"])
def test_other_combinations_of_letters_are_refused(letters):
    bo = person("bo")
    credit = matrix(BO=bo)

    with pytest.raises(Invalid) as refused:
        services.set_cell(activity(credit, "release"), role(credit, "BO"), letters, actor=bo)

    assert refused.value.code == "R4"


def test_a_role_of_another_matrix_is_refused():
    bo = person("bo")
    credit, flights = matrix(BO=bo), matrix("use-case:flights", "Flights")

    with pytest.raises(Invalid):
        services.set_cell(activity(credit, "release"), role(flights, "BO"), "C", actor=bo)


def test_a_stranger_changes_nothing_and_the_refusal_is_told(refusals):
    credit = matrix()

    with pytest.raises(NotAllowed):
        services.set_cell(
            activity(credit, "release"), role(credit, "BO"), "C", actor=person("cy")
        )

    assert Cell.objects.get(activity__key="release", role__code="BO").letters == "I"
    [(event, [reason])] = refusals
    assert event == signals.MATRIX_REVISED
    assert reason.startswith("You may not change RACI of Credit")


@pytest.mark.parametrize("letters", ["a/r", "R/A", "ra"])
def test_the_order_of_a_and_r_does_not_matter(letters):
    bo = person("bo")
    credit = matrix(BO=bo)

    cell = services.set_cell(
        activity(credit, "rollback"), role(credit, "MO"), letters, actor=bo
    )

    assert cell.letters == "A/R"


def test_a_person_is_assigned_and_told(told):
    bo, rui = person("bo"), person("rui")
    credit = matrix(BO=bo)

    services.assign(credit, "RV", rui, actor=bo)

    assert list(queries.holders(credit.scope, "independent_validation", "R")) == [rui]
    assert told[-1] == (
        signals.HOLDER_ASSIGNED,
        bo,
        {"role": "RV", "user": "Rui", "until": None},
    )


def test_a_person_holds_a_role_once():
    bo = person("bo")
    credit = matrix(BO=bo)

    with pytest.raises(Conflict):
        services.assign(credit, "BO", bo, actor=bo)


def test_assigning_again_changes_the_end():
    bo, rui = person("bo"), person("rui")
    credit = matrix(BO=bo, RV=rui)
    end = timezone.now() + timedelta(days=3)

    services.assign(credit, "RV", rui, actor=bo, until=end)

    assert Holder.objects.get(user=rui).until == end


def test_an_end_in_the_past_is_refused():
    bo = person("bo")
    credit = matrix(BO=bo)

    with pytest.raises(Invalid) as refused:
        services.assign(credit, "RV", person("rui"), actor=bo, until=timezone.now())

    assert refused.value.field == "until"


def test_an_inactive_account_is_refused():
    bo = person("bo")
    credit = matrix(BO=bo)

    with pytest.raises(Invalid):
        services.assign(credit, "RV", person("rui", is_active=False), actor=bo)


def test_an_unknown_role_is_refused():
    bo = person("bo")
    credit = matrix(BO=bo)

    with pytest.raises(NotFound):
        services.assign(credit, "CEO", bo, actor=bo)


def test_a_stranger_assigns_nobody(refusals):
    cy = person("cy")
    credit = matrix()

    with pytest.raises(NotAllowed):
        services.assign(credit, "BO", cy, actor=cy)

    assert not Holder.objects.exists()
    assert len(refusals) == 1


def test_a_person_is_unassigned(told):
    bo, rui = person("bo"), person("rui")
    matrix(BO=bo, RV=rui)

    services.unassign(Holder.objects.get(user=rui), actor=bo)

    assert not Holder.objects.filter(user=rui).exists()
    assert told[-1][0] == signals.HOLDER_UNASSIGNED


def test_a_person_is_unassigned_only_once():
    bo, rui = person("bo"), person("rui")
    holder = Holder.objects.get(role__matrix=matrix(BO=bo, RV=rui), user=rui)
    services.unassign(holder, actor=bo)

    with pytest.raises(Conflict):
        services.unassign(holder, actor=bo)
