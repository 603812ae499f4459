"""Every state with every act: what the table allows and that nothing else is."""

import pytest

from governance.approvals.transitions import EVENTS, MOVES, Act, State, after
from governance.errors import Conflict

ALLOWED = {
    ("open", "approve"): "approved",
    ("open", "reject"): "rejected",
    ("open", "withdraw"): "withdrawn",
    ("open", "expire"): "expired",
    ("open", "ask changes"): "rework",
    ("open", "hand in again"): "open",
    ("rework", "hand in again"): "open",
    ("rework", "withdraw"): "withdrawn",
    ("rework", "expire"): "expired",
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_a_move_is_as_the_table_says_or_a_conflict(state, act):
    expected = ALLOWED.get((state.value, act.value))

    if expected:
        assert after(state, act) == expected
    else:
        with pytest.raises(Conflict) as refused:
            after(state, act)
        assert refused.value.sentence == (
            f"This request is {state.label.lower()}; that cannot be changed."
        )


def test_the_table_has_no_other_move():
    assert {(str(a), str(b)): str(c) for (a, b), c in MOVES.items()} == ALLOWED


def test_every_act_has_its_event():
    assert set(EVENTS) == set(Act)
