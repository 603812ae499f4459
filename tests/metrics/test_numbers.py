import pytest

from governance.metrics.numbers import decimals_between, decimals_of, rounded, signed


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (-0.0321, 3, "−0.032"),
        (0.0321, 2, "+0.03"),
        (-1234.5, 0, "−1,234"),
        (-0.0001, 3, "0.000"),
        (0.0, 3, "0.000"),
    ],
)
def test_a_difference_has_its_sign_and_nothing_has_none(value, decimals, shown):
    assert signed(value, decimals) == shown


def test_a_minus_is_a_minus():
    assert rounded(-0.5, 2) == "−0.50"


def test_a_width_gets_two_figures():
    assert [decimals_of(width) for width in (25, 2.5, 0.25, 0.025, 0)] == [0, 1, 2, 3, 3]


def test_an_end_that_leaves_out_zero_does_not_read_as_zero():
    assert decimals_between(-0.19, -0.002) == 3
    assert decimals_between(-0.19, 0.2) == 2
    assert decimals_between(-0.19, 0.0) == 2
    assert decimals_between(None, 0.1) == 3
