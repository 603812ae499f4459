"""The matrix that a new one starts from when neither a person nor the organisation chose another."""

from raci.rules import Line
from raci.templates import DEFAULT, ours


def default_grid() -> list[Line]:
    """The default as the rules see it."""
    return ours()[DEFAULT].grid
