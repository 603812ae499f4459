"""Who may sign, without a database."""

import pytest

from governance.approvals.rules import (
    VotingFacts,
    is_to_sign,
    may_vote,
    not_entitled,
)

READY = {
    "step": "release",
    "wanted": "Accountable for “Approve or reject the release” in Credit",
    "capacity": "Accountable for Approve or reject the release",
}


def test_who_has_the_duty_and_no_part_may_sign():
    assert may_vote(VotingFacts(**READY)) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"capacity": ""},
            "You are not Accountable for “Approve or reject the release” in Credit.",
        ),
        (
            {"is_requester": True},
            "You asked for this approval, so you may not sign it.",
        ),
        (
            {"contributions": ["registered the version"]},
            "You registered the version, so you may not sign it.",
        ),
        (
            {"signed_elsewhere": "validation"},
            "You have decided on the step validation; one person signs one step.",
        ),
        ({"signed_here": True}, "You have decided on this step already."),
        ({"step_is_complete": True}, "The step release is complete."),
        ({"waiting_for": "validation"}, "This step waits for validation."),
        ({"state": "rejected"}, "This request is rejected; nothing more can be signed."),
        ({"state": "expired"}, "This request is expired; nothing more can be signed."),
    ],
)
def test_each_hindrance_is_one_sentence(change, reason):
    assert may_vote(VotingFacts(**{**READY, **change})) == [reason]


@pytest.mark.parametrize(
    "change",
    [
        {"is_requester": True, "requester_may_vote": True},
        {"contributions": ["registered the version"], "contributors_may_vote": True},
    ],
)
def test_a_policy_may_let_them_sign(change):
    assert may_vote(VotingFacts(**{**READY, **change})) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"waiting_for": "validation"}, True),
        ({"waiting_for": "validation", "capacity": ""}, False),
        ({"waiting_for": "validation", "signed_here": True}, False),
        ({"waiting_for": "validation", "state": "withdrawn"}, False),
        ({"step_is_complete": True}, False),
    ],
)
def test_a_step_is_somebodys_to_sign_also_while_it_waits(change, expected):
    assert is_to_sign(VotingFacts(**{**READY, **change})) is expected


def test_all_reasons_of_the_person_are_told_at_once():
    facts = VotingFacts(is_requester=True, contributions=["a", "b"], wanted="x")

    assert len(not_entitled(facts)) == 4
