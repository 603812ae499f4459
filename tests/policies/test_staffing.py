"""Whether the steps of a policy could ever be signed, without a database."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.staffing import PlannedStep, Staffing, gaps, staffing_gaps

people = st.dictionaries(st.integers(1, 4), st.just("somebody"), max_size=4)
steps = st.lists(
    st.builds(PlannedStep, st.just("s"), st.just("w"), st.integers(1, 2), people), max_size=3
)


@given(steps)
def test_there_is_a_gap_exactly_when_no_people_can_fill_all_seats(plan):
    seats = [step for step in plan for _ in range(step.quorum)]
    fits = any(
        all(person in step.voters for person, step in zip(order, seats, strict=False))
        for order in permutations(range(1, 5), len(seats))
    )

    assert (gaps(plan) == []) is fits


RUI, BEA, DORA, OLU = {1: "Rui"}, {2: "Bea"}, {3: "Dora"}, {4: "Olu"}


def staffed(*steps, builders=None, askers=None, **may):
    staffing = Staffing(
        "Credit",
        [PlannedStep(f"step {number}", "able", 1, who) for number, who in enumerate(steps, 1)],
        builders or DORA,
        askers or OLU,
    )
    may = {"requester_may_vote": False, "contributors_may_vote": False, **may}
    return staffing_gaps(staffing, **may)


@pytest.mark.parametrize(
    ("steps", "people", "sentence"),
    [
        ([RUI, BEA], {}, ""),
        ([{}, BEA], {}, "Nobody is able, so the step step 1 cannot be signed."),
        ([RUI, RUI], {}, "The steps step 1 and step 2 need 2 different people"),
        ([DORA, BEA], {}, "but Dora builds the versions."),
        ([OLU, BEA], {}, "but Olu is the one to ask."),
        ([DORA, BEA], {"builders": DORA | RUI}, ""),
        ([DORA, BEA], {"contributors_may_vote": True}, ""),
        ([OLU, BEA], {"requester_may_vote": True}, ""),
        ([OLU, BEA], {"askers": OLU | RUI}, ""),
        ([OLU, BEA], {"askers": OLU | BEA, "builders": BEA}, "step step 2 needs one signature"),
        ([DORA | RUI, RUI], {}, "need 2 different people, but only Rui may sign them"),
        ([RUI, BEA], {"builders": {}, "askers": {}}, ""),
    ],
)
def test_steps_can_be_signed_if_some_builder_and_some_asker_leave_people_enough(
    steps, people, sentence
):
    found = staffed(*steps, **people)

    assert sentence in " ".join(found)
    assert bool(found) is bool(sentence)
