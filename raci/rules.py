"""When a matrix is sound (rules R1 to R4): pure functions of a grid of letters, no database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from raci.naming import RACI, letters_of, shown, word
from raci.naming import known_letters as all_letters

ALLOWED = {"R": {"R"}, "A": {"A"}, "S": {"S"}, "C": {"C"}, "I": {"I"}, "A/R": {"A", "R"}}
DUTIES = ("R", "A", "C", "I")
# The second line both performs and answers for a validation, so its A and R may be one role;
# what must be kept apart there is the role that validates and the roles that build.
VALIDATION = "independent_validation"
BUILDING = ("train_model", "register_version")


@dataclass(frozen=True)
class Line:
    """One activity with the letters of each role that takes part in it.

    Letters are as stored; `naming` is how the sentences about them call them.
    """

    key: str
    title: str
    cells: dict[str, str] = field(default_factory=dict)
    segregated: bool = False
    naming: str = RACI

    def called(self, letter: str) -> str:
        """The word for a letter, such as Accountable."""
        return word(letter, self.naming)

    def roles_with(self, *duties: str) -> list[str]:
        return [
            role
            for role, letters in self.cells.items()
            if ALLOWED.get(letters, set()).intersection(duties)
        ]


@dataclass(frozen=True)
class Problem:
    code: str
    severity: Literal["error", "warning", "note"]
    sentence: str
    activity: str = ""
    role: str = ""


def check(grid: list[Line]) -> list[Problem]:
    """Finds what breaks R1 to R4, in the order of the activities."""
    builders = {
        role for line in grid if line.key in BUILDING for role in line.roles_with("R", "A")
    }
    return [
        problem
        for line in grid
        for problem in (
            *one_accountable(line),
            *somebody_responsible(line),
            *kept_apart(line, builders),
            *known_letters(line),
        )
    ]


def one_accountable(line: Line) -> Iterator[Problem]:
    accountable = line.roles_with("A")
    if not accountable:
        sentence = f"Nobody is {line.called('A')} for “{line.title}”; name exactly one role."
        yield Problem("R1", "error", sentence, line.key)
    elif len(accountable) > 1:
        names = ", ".join(accountable)
        sentence = (
            f"{len(accountable)} roles are {line.called('A')} for “{line.title}” ({names}); "
            "keep exactly one."
        )
        yield Problem("R1", "error", sentence, line.key)


def somebody_responsible(line: Line) -> Iterator[Problem]:
    if not line.roles_with("R"):
        sentence = f"Nobody is {line.called('R')} for “{line.title}”; name at least one role."
        yield Problem("R2", "error", sentence, line.key)


def kept_apart(line: Line, builders: set[str]) -> Iterator[Problem]:
    if not line.segregated:
        return
    if line.key == VALIDATION:
        for role in line.roles_with("R", "A"):
            if role in builders:
                sentence = f"{role} builds models, so it may not carry “{line.title}”."
                yield Problem("R3", "error", sentence, line.key, role)
        return
    for role, letters in line.cells.items():
        if letters == "A/R":
            either = f"{line.called('A')} or {line.called('R')}"
            sentence = f"“{line.title}” keeps duties apart: {role} may be {either}, not both."
            yield Problem("R3", "error", sentence, line.key, role)


def known_letters(line: Line) -> Iterator[Problem]:
    for role, letters in line.cells.items():
        if letters not in letters_of(line.naming):
            sentence = (
                f"“{shown(letters, line.naming)}” for {role} in “{line.title}” is not allowed; "
                f"use {all_letters(line.naming)}."
            )
            yield Problem("R4", "error", sentence, line.key, role)
