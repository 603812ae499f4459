"""What the rules find in a matrix is stored whenever it changes, and lists read only that."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from governance.accounts.models import User
from governance.responsibility import tasks
from governance.responsibility.models import MatrixCheck
from governance.usecases.queries import matrix_of
from raci import holding, queries, teams
from raci import services as raci
from raci.edits import Edit
from raci.models import Holder, Matrix
from tests.accounts.factories import person
from tests.approvals.factories import story

pytestmark = pytest.mark.django_db


def stored():
    return MatrixCheck.objects.get()


def sentences(code):
    return [one["sentence"] for one in stored().found if one["code"] == code]


def revise(case, *cells):
    edits = [Edit(*cell) for cell in cells]
    return raci.revise(
        matrix_of(case), edits, expected=None, actor=person("root", "administrator")
    )


def test_a_new_matrix_is_checked_with_its_people():
    story()

    assert sentences("R1") == []
    assert "Nobody holds OPS; name a person." in sentences("R5")
    assert "Nobody holds RV; name a person." not in sentences("R5")


def test_each_change_of_letters_is_checked():
    case = story().use_case
    before = stored()

    revise(case, ("approve_release", "BO", ""))
    broken = stored()
    revise(case, ("approve_release", "BO", "A"))

    assert broken.errors == before.errors + 1
    assert (
        "Nobody is Accountable for “Approve or reject the release”"
        in broken.found[0]["sentence"]
    )
    assert stored().errors == before.errors


def test_each_change_of_people_is_checked():
    case, root = story().use_case, person("root", "administrator")
    matrix = matrix_of(case)

    raci.assign(matrix, "OPS", person("olu"), actor=root)
    assert "Nobody holds OPS; name a person." not in sentences("R5")
    assert "Olu is alone as OPS and has no deputy." in sentences("R5")

    deputy = holding.name_deputy(person("olu"), person("cy"), actor=person("olu"))
    assert "Olu is alone as OPS and has no deputy." not in sentences("R5")

    holding.end_deputy(deputy, actor=person("olu"))
    assert "Olu is alone as OPS and has no deputy." in sentences("R5")

    holding.hand_over(person("olu"), person("dee"), actor=root, reason="Leaves.")
    assert "Dee is alone as OPS and has no deputy." in sentences("R5")

    raci.unassign(Holder.objects.get(user=person("dee")), actor=root)
    assert "Nobody holds OPS; name a person." in sentences("R5")


def test_each_change_of_teams_is_checked():
    case, root = story().use_case, person("root", "administrator")
    ops = teams.create("Ops", actor=root)

    held = teams.assign_team(matrix_of(case), "OPS", ops, actor=root)
    assert "Nobody holds OPS; name a person." in sentences("R5")

    teams.add_member(ops, person("olu"), actor=root)
    assert "Olu is alone as OPS and has no deputy." in sentences("R5")

    teams.add_member(ops, person("dee"), actor=root)
    assert not any("OPS" in one for one in sentences("R5"))

    teams.unassign_team(held, actor=root)
    assert "Nobody holds OPS; name a person." in sentences("R5")


def test_what_changed_by_itself_is_found_by_the_clock():
    story()
    User.objects.filter(username="rui").update(is_active=False)
    Holder.objects.filter(user__username="sam").update(until=timezone.now())
    before = stored().errors

    tasks.check_matrices()

    assert stored().errors > before
    assert "Nobody holds SEC; name a person." in sentences("R5")
    assert any(
        one.startswith("Rui, who holds RV, has no active account") for one in sentences("R5")
    )


def test_the_stored_result_is_what_the_rules_say_now():
    case = story().use_case
    revise(case, ("release", "OPS", "A/R"), ("train_model", "DS", ""), ("rollback", "BO", "A"))
    matrix = Matrix.objects.get()

    told = {(one["code"], one["sentence"]) for one in stored().found}

    problems = [*queries.problems(matrix), *queries.advice(matrix)]
    assert {(one.code, one.sentence) for one in problems} <= told


def test_only_those_of_ones_own_use_cases_are_seen():
    story()

    assert MatrixCheck.objects.visible_to(person("cy")).count() == 0
    assert MatrixCheck.objects.visible_to(person("rui")).count() == 1
    assert MatrixCheck.objects.visible_to(person("vi", "auditor")).count() == 1


def test_lists_link_to_what_was_found(client):
    case = story().use_case
    revise(case, ("approve_release", "BO", ""))
    client.force_login(person("vi", "auditor"))

    for page in ("/portfolio/", "/raci/"):
        told = client.get(page).content.decode()
        assert "/raci/credit/" in told
        assert f"{stored().errors} error" in told


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_stored_result_has_both():
    case = story().use_case
    root = person("root", "administrator")
    people = {"OPS": person("olu"), "DE": person("dee"), "MLE": person("mel")}

    def assign(code, user):
        try:
            raci.assign(Matrix.objects.get(scope=case.scope), code, user, actor=root)
        finally:
            connection.close()

    threads = [threading.Thread(target=assign, args=item) for item in people.items()]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert not any(f"Nobody holds {code}; name a person." in sentences("R5") for code in people)
