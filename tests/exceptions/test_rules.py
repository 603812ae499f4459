"""Who may sign and for how long, and the moves between states; no database."""

from datetime import date, timedelta

import pytest

from governance.errors import Conflict
from governance.exceptions import rules
from governance.exceptions.rules import PlannedSeat, PolicyFacts, Seat, SigningFacts
from governance.exceptions.transitions import MOVES, Act, State, after

TODAY = date(2026, 3, 2)
DAYS = timedelta(days=1)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_every_act_in_every_state(state, act):
    allowed = {
        ("asked", "grant"): "granted",
        ("asked", "refuse"): "refused",
        ("asked", "withdraw"): "withdrawn",
        ("asked", "expire"): "expired",
        ("granted", "revoke"): "revoked",
        ("granted", "expire"): "expired",
    }
    if (state, act) in allowed:
        assert after(state, act) == allowed[state, act]
        return
    with pytest.raises(Conflict) as refused:
        after(state, act)
    assert refused.value.code == "exception_closed"


def test_nothing_leads_back_to_being_asked_for():
    assert State.ASKED not in MOVES.values()


@pytest.mark.parametrize(
    ("tier", "at_most", "days"),
    [
        (1, None, 90),
        (2, None, 180),
        (3, None, 180),
        (1, 60, 60),
        (1, 120, 90),
        (2, 30, 30),
        (3, 365, 180),
    ],
)
def test_a_policy_may_narrow_the_tiers_limit_and_never_widen_it(tier, at_most, days):
    assert rules.longest(tier, at_most and at_most * DAYS) == days * DAYS


@pytest.mark.parametrize(
    ("until", "refusals"),
    [
        (TODAY - DAYS, ["An exception ends on a day to come."]),
        (TODAY, ["An exception ends on a day to come."]),
        (TODAY + DAYS, []),
        (TODAY + 90 * DAYS, []),
        (
            TODAY + 91 * DAYS,
            ["Here an exception lasts at most 90 days: until 31 May 2026."],
        ),
    ],
)
def test_the_last_day_lies_ahead_and_not_too_far(until, refusals):
    assert rules.bad_end(until, today=TODAY, longest=90 * DAYS) == refusals


def test_the_higher_the_tier_the_more_people_answer():
    assert {
        1: (Seat("grant_exception", "A"), Seat("approve_release", "A")),
        2: (Seat("grant_exception", "A"),),
        3: (Seat("grant_exception", "AR"),),
    } == rules.SEATS


FREE = {
    "capacity": "Accountable for it",
    "until": TODAY + DAYS,
    "today": TODAY,
    "asked_on": TODAY,
    "longest": 90 * DAYS,
}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"capacity": "", "wanted": ["Accountable for it"]}, "You are not Accountable for it."),
        ({"is_asker": True}, "You asked for this exception, so you may not sign it."),
        (
            {"contributions": ["registered the version"]},
            "You registered the version, so you may not sign it.",
        ),
        ({"state": "refused"}, "This exception is refused; nothing more can be signed."),
        ({"has_signed": True}, "You have signed this exception already."),
        ({"seat_is_taken_by": "Ray"}, "Ray has signed as this already."),
        ({"until": TODAY - DAYS}, "Its last day was 1 March 2026."),
        (
            {"until": TODAY + 80 * DAYS, "longest": 30 * DAYS},
            "It was asked for until 21 May 2026; now at most 30 days are allowed. Ask again.",
        ),
        (
            {"policy": PolicyFacts("credit v2", allows=False)},
            "credit v2 allows no exceptions.",
        ),
        (
            {"policy": PolicyFacts("credit v2", has_rule=False)},
            "credit v2 does not have this rule any more; evaluate again.",
        ),
        (
            {"policy": PolicyFacts("other v1", governs=False)},
            "other v1 applies now, not the policy whose rule is red; evaluate again.",
        ),
    ],
)
def test_what_keeps_somebody_from_signing(facts, reason):
    assert rules.may_sign(SigningFacts(**{**FREE, **facts})) == [reason]


def test_nothing_keeps_who_carries_the_duty_and_had_no_part():
    assert rules.may_sign(SigningFacts(**FREE)) == []


@pytest.mark.parametrize(
    ("seats", "reasons"),
    [
        ([PlannedSeat("A", {1: "Rui"}), PlannedSeat("B", {2: "Bo"})], []),
        ([PlannedSeat("A", {1: "Rui"})], []),
        ([PlannedSeat("A")], ["Nobody is A, so nobody could grant it."]),
        (
            [PlannedSeat("A", {}, {"Mo": "asked for it"})],
            ["Nobody who is A may grant it: Mo asked for it."],
        ),
        (
            [PlannedSeat("A", {1: "Rui"}), PlannedSeat("B", {1: "Rui"})],
            ["Two people must sign, A and B; only Rui may."],
        ),
    ],
)
def test_signatures_that_nobody_could_give_are_found_before_they_are_asked_for(seats, reasons):
    assert rules.gaps(seats) == reasons


def test_who_could_take_two_seats_leaves_the_one_that_others_can_take():
    first, second = rules.SEATS[1]

    assert rules.best_seat([(first, 3), (second, 1)]) == second
    assert rules.best_seat([]) is None
