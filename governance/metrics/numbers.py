"""Figures as people read them: how many decimals a width deserves, true minus signs."""

from math import floor, log10

MINUS = "−"
MOST_DECIMALS = 6


def decimals_of(width: float) -> int:
    """Returns how many decimals give the width of an interval two figures."""
    return 3 if width <= 0 else min(MOST_DECIMALS, max(0, 1 - floor(log10(width))))


def rounded(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def signed(value: float, decimals: int) -> str:
    """Returns a difference with its sign, plus included; what rounds to nothing has none."""
    shown = f"{value:+,.{decimals}f}"
    if not float(shown.replace(",", "")):
        shown = shown[1:]
    return shown.replace("-", MINUS)
