"""Figures as people read them: how many decimals a width deserves, true minus signs."""

from math import floor, log10

MINUS = "−"
MOST_DECIMALS = 6


def decimals_of(width: float) -> int:
    """Returns how many decimals give the width of an interval two figures."""
    return 3 if width <= 0 else min(MOST_DECIMALS, max(0, 1 - floor(log10(width))))


def decimals_between(low: float | None, high: float | None) -> int:
    """Returns the decimals for an interval of a difference: an end that is not 0 never reads as 0."""
    if low is None or high is None:
        return decimals_of(0.0)
    decimals = decimals_of(high - low)
    while decimals < MOST_DECIMALS and any(
        end and not round(end, decimals) for end in (low, high)
    ):
        decimals += 1
    return decimals


def rounded(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def signed(value: float, decimals: int) -> str:
    """Returns a difference with its sign, plus included; what rounds to nothing has none."""
    shown = f"{value:+,.{decimals}f}"
    if not float(shown.replace(",", "")):
        shown = shown[1:]
    return shown.replace("-", MINUS)
