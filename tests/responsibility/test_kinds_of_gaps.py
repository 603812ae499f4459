"""Each kind of gap on real acts: who owns nothing, carries nothing, acts or signs outside, is on both sides."""

import pytest

from governance.approvals.models import Vote
from governance.infra.models import InfraCheck
from governance.responsibility import gaps
from governance.usecases.queries import matrix_of
from raci import holding, teams
from raci import services as raci
from raci.edits import Edit
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import open_request, policy, sign, story
from tests.approvals.test_separation import away
from tests.exceptions import factories as exceptions

pytestmark = pytest.mark.django_db


def told(kind):
    seen = gaps.seen_by(person("vi", "auditor"))
    return [one.sentence for one in gaps.found(seen) if one.kind == kind]


def back(name):
    holding.end_absence(person(name).raci_absences.get(), actor=person(name))


def unassign(case, code, name):
    held = matrix_of(case).roles.get(code=code).holders.get(user__username=name)
    raci.unassign(held, actor=person("root", "administrator"))


def lenient(**holders):
    return story(rules=policy(requester="may vote", contributors="may vote"), **holders)


def test_a_row_without_an_accountable_leaves_models_without_owner():
    made = story()
    raci.revise(
        matrix_of(made.use_case),
        [Edit("register_version", "MO", "")],
        expected=None,
        actor=person("root", "administrator"),
    )

    assert told("owner") == [
        "Nobody is Accountable for registering versions of credit-scoring (Credit)."
    ]


def test_a_role_that_nobody_holds_is_told():
    story(MO=[person("mo")])

    sentences = told("nobody")

    assert "Nobody carries what MLOps engineer (OPS) has to do in Credit." in sentences
    assert not any("(MO)" in one or "(RV)" in one for one in sentences)


def test_who_signed_what_they_made_is_told_by_the_rule_that_refuses_it():
    request = open_request(lenient(RV=[person("ada")]))
    sign(request, "ada")

    assert sorted(told("sides"))[-2:] == [
        "Ada signed “validation” for credit-scoring v1 and handed in the evaluation.",
        "Ada signed “validation” for credit-scoring v1 and registered the version.",
    ]


def test_a_claim_that_came_after_the_signature_is_told():
    made = story()
    request = open_request(made)
    sign(request, "rui")
    assert not any("Rui signed" in one for one in told("sides"))

    registry.set_tag(made.version, "mlflow.user", "rui", actor=person("ada"))

    assert (
        "Rui signed “validation” for credit-scoring v1 and trained it, as the tag mlflow.user says."
        in told("sides")
    )


def test_who_signed_in_the_place_of_a_maker_is_told():
    made = lenient(RV=[person("ada")])
    request = open_request(made)
    away("ada", "cy")
    sign(request, "cy")

    assert (
        "Cy signed “validation” for credit-scoring v1 for Ada, who registered the version."
        in told("sides")
    )


def test_what_the_verdict_does_not_rest_on_is_no_part():
    made = story()
    request = open_request(made)
    InfraCheck.objects.create(
        version=made.version, artifact={}, seconds=1, memory_mb=1, created_by=person("rui")
    )
    sign(request, "rui")

    assert not any("Rui signed" in one for one in told("sides"))


def test_one_person_with_both_letters_of_a_separated_activity_is_told():
    story(MO=[person("bo")])

    assert (
        "Bo is both Accountable and Responsible for “Approve or reject the release” in Credit."
        in told("sides")
    )


def test_who_builds_and_validates_is_told_also_as_a_deputy():
    story(RV=[person("rui")])
    away("rui", "ada")

    assert any(one.startswith("Ada builds the model and carries") for one in told("sides"))


def test_a_signature_of_somebody_who_is_in_the_matrix_no_more_is_told_unless_they_left_it():
    made = story(RV=[person("rui"), person("ray")])
    request = open_request(made)
    Vote.objects.create(
        step=request.steps.get(name="validation"), user=person("cy"), user_name="Cy",
        decision="approve", meaning="validated", reason="It came from elsewhere.",
        capacity="", evidence_digest=request.evidence_digest,
    )  # fmt: skip

    assert told("signature") == [
        "Cy signed “validation” for credit-scoring v1 and carries nothing in Credit today."
    ]


def test_who_left_the_matrix_after_signing_signed_within_it():
    made = story(RV=[person("rui"), person("ray")])
    sign(open_request(made), "rui")
    unassign(made.use_case, "RV", "rui")

    assert told("signature") == []


@pytest.mark.parametrize("leaving", ["the team", "the role"])
def test_who_left_with_a_team_or_out_of_it_signed_within_the_matrix(leaving):
    made, root = story(RV=[person("ray")]), person("root", "administrator")
    risk = teams.create("Risk", actor=root)
    teams.add_member(risk, person("rui"), actor=root)
    held = teams.assign_team(matrix_of(made.use_case), "RV", risk, actor=root)
    sign(open_request(made), "rui")

    if leaving == "the role":
        teams.unassign_team(held, actor=root)
    else:
        teams.remove_member(risk, person("rui"), actor=root)

    assert told("signature") == []


def test_a_deputy_who_signed_is_not_outside_when_the_other_is_back():
    request = open_request(story())
    away("rui", "cy")
    sign(request, "cy")
    back("rui")

    assert told("signature") == []


def test_signatures_on_exceptions_are_looked_at_too():
    model = exceptions.governed(RV=[person("rui"), person("ray")])
    one = exceptions.asked(exceptions.version_of(model))
    exceptions.sign(one, "rui")
    registry.set_tag(one.version, "git.author", "rui", actor=person("ada"))

    assert (
        "Rui signed the exception to “four fifths” of credit-scoring v1 and committed its code, "
        "as the tag git.author says."
    ) in told("sides")


def test_what_a_deputy_did_while_the_other_was_away_was_theirs_to_do():
    made = story()
    away("ada", "cy")
    registry.create_version(made.version.model, actor=person("cy"))
    back("ada")

    assert not any(one.startswith("Cy registered") for one in told("act"))
