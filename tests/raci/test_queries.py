"""The questions “who is R, A, C, I for this” and “what do I carry”."""

from datetime import timedelta

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from raci import queries, services
from raci.models import Holder, Matrix
from tests.raci.factories import activity, matrix, person, role

pytestmark = pytest.mark.django_db

SCOPE = "use-case:credit"


def names(users):
    return [user.username for user in users]


@pytest.mark.parametrize(
    ("key", "duty", "expected"),
    [
        ("approve_release", "A", ["bo"]),
        ("approve_release", "R", ["mo"]),
        ("approve_release", "C", ["ada", "rui"]),
        ("approve_release", "I", []),
        ("independent_validation", "R", ["rui"]),
        ("independent_validation", "A", ["rui"]),
        ("no_such_activity", "A", []),
    ],
)
def test_holders_of_a_duty(key, duty, expected):
    matrix(DS=person("ada"), BO=person("bo"), MO=person("mo"), RV=person("rui"))

    assert names(queries.holders(SCOPE, key, duty)) == expected


def test_another_scope_has_its_own_holders():
    matrix(BO=person("bo"))
    matrix("use-case:flights", "Flights", BO=person("cy"))

    assert names(queries.holders(SCOPE, "approve_release", "A")) == ["bo"]


def test_an_inactive_person_holds_nothing():
    bo = person("bo")
    matrix(BO=bo)
    bo.is_active = False
    bo.save(update_fields=["is_active"])

    assert not queries.holders(SCOPE, "approve_release", "A").exists()
    assert queries.duties(bo) == []


def test_a_duty_ends_when_the_role_ends():
    bo = person("bo")
    matrix(BO=bo)
    Holder.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert not queries.holders(SCOPE, "approve_release", "A").exists()
    assert not queries.participants(SCOPE).exists()
    assert list(queries.scopes_of(bo)) == []


def test_a_person_in_two_roles_is_counted_once():
    bo = person("bo")
    matrix(BO=bo, DS=bo, RV=bo)

    assert names(queries.participants(SCOPE)) == ["bo"]
    assert names(queries.holders(SCOPE, "approve_release", "C")) == ["bo"]


def test_the_duty_of_a_person_is_a_sentence():
    bo = person("bo")
    matrix(BO=bo)

    duty = queries.duty_of(bo, SCOPE, "approve_release")

    assert duty.sentence == "Accountable for Approve or reject the release"
    assert (duty.role_code, duty.letters) == ("BO", "A")


def test_the_strongest_of_two_duties_counts():
    bo = person("bo")
    matrix(DS=bo, BO=bo)

    assert queries.duty_of(bo, SCOPE, "approve_release").letters == "A"
    assert queries.duty_of(bo, SCOPE, "approve_release", "C").letters == "C"


def test_a_stranger_has_no_duty():
    matrix(BO=person("bo"))

    assert queries.duty_of(person("cy"), SCOPE, "approve_release") is None


def test_duties_of_all_scopes_take_one_query(django_assert_num_queries):
    bo = person("bo")
    for number in range(4):
        matrix(f"use-case:{number}", f"Case {number}", BO=bo, RV=bo)

    with django_assert_num_queries(1):
        found = queries.duties(bo)

    assert {duty.scope for duty in found} == {f"use-case:{number}" for number in range(4)}


def test_the_grid_takes_two_queries(django_assert_num_queries):
    credit = matrix()

    with django_assert_num_queries(2):
        grid = queries.grid(credit)

    assert len(grid) == 28


def test_problems_in_named_activities_only():
    bo = person("bo")
    credit = matrix(BO=bo)
    services.set_cell(activity(credit, "release"), role(credit, "OPS"), "", actor=bo)

    assert [p.code for p in queries.problems_in(SCOPE, ["release"])] == ["R1"]
    assert queries.problems_in(SCOPE, ["approve_release"]) == []


def test_roles_nobody_holds_are_unfilled():
    credit = matrix(BO=person("bo"), RV=person("rui"))

    unfilled = [role.code for role in queries.unfilled_roles(credit)]

    assert unfilled == ["MO", "DS", "DE", "MLE", "OPS", "SEC"]


def test_a_matrix_is_visible_to_those_with_the_right_only():
    credit, bo, cy = matrix(), person("bo"), person("cy")
    assign_perm("raci.view_matrix", bo, credit)

    assert list(Matrix.objects.visible_to(bo)) == [credit]
    assert not Matrix.objects.visible_to(cy).exists()
    assert queries.activity_title(SCOPE, "release") == "Release to production"


def test_carriers_of_many_activities_take_one_query(django_assert_num_queries):
    matrix(BO=person("bo"), RV=person("rui"), DS=person("ada"))

    with django_assert_num_queries(1):
        carriers = queries.carriers(SCOPE, ["approve_release", "independent_validation"])

    assert [(str(one.user), one.activity_key, one.letters) for one in carriers] == [
        ("Bo", "approve_release", "A"),
        ("Rui", "independent_validation", "A/R"),
    ]
