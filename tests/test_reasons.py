"""What people write as a reason is long enough to be understood, and not longer than is kept."""

import pytest

from governance.errors import Invalid
from governance.reasons import LONGEST, SHORTEST, bounded, long_enough, sentence


@pytest.mark.parametrize("check", [long_enough, sentence, lambda *told: bounded(*told, 1000)])
def test_space_around_a_reason_does_not_count(check):
    assert check(f"  {'a' * SHORTEST}\n", "reason") == "a" * SHORTEST
    with pytest.raises(Invalid) as refusal:
        check(f"  {'a' * (SHORTEST - 1)}\n", "reason")

    assert refusal.value.field == "reason"
    assert f"{SHORTEST}" in refusal.value.sentence


def test_a_reason_is_bounded():
    assert sentence("a" * LONGEST, "advice") == "a" * LONGEST
    with pytest.raises(Invalid, match=f"at most {LONGEST} characters"):
        sentence("a" * (LONGEST + 1), "advice")
    with pytest.raises(Invalid, match="10 to 1000 characters"):
        bounded("a" * 1001, "report", 1000)
