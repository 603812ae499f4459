"""What is allowed in a matrix and seldom good (rules R5 and R7 to R12): pure functions, no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from raci.naming import RACI, word
from raci.rules import Line, Problem

MOST_RESPONSIBLE = 3
MOST_CONSULTED = 5
# Shares of all activities beyond which a role is in the way or overloaded.
CONSULTED_IN = 0.60
ACCOUNTABLE_IN = 0.50
# So few activities say nothing about shares.
FEWEST_LINES = 5


@dataclass(frozen=True)
class Held:
    """Who holds a role now, and who stands in for them."""

    people: Sequence[str] = ()
    deputies: Sequence[str] = ()
    inactive: Sequence[str] = ()


def advise(grid: Sequence[Line]) -> list[Problem]:
    """Warnings and notes about letters: first the activities in their order, then the roles."""
    by_line = [problem for line in grid for problem in (*_row(line),)]
    return [*by_line, *_columns(grid)]


def advise_on_people(grid: Sequence[Line], held: Mapping[str, Held]) -> list[Problem]:
    """What is missing or doubtful in who holds the roles; roles without a letter need nobody."""
    return [
        problem
        for role in _roles(grid)
        for problem in _person(role, grid, held.get(role, Held()))
    ]


def _row(line: Line) -> Iterator[Problem]:
    responsible, consulted = line.roles_with("R"), line.roles_with("C")
    if len(responsible) > MOST_RESPONSIBLE:
        sentence = (
            f"{len(responsible)} roles are {line.called('R')} for “{line.title}”: where many do it, "
            "nobody does."
        )
        yield Problem("R7", "warning", sentence, line.key)
    if len(consulted) > MOST_CONSULTED:
        sentence = f"{len(consulted)} roles are {line.called('C')} on “{line.title}”; asking so many is slow."
        yield Problem("R8", "warning", sentence, line.key)
    if not consulted and not line.roles_with("I"):
        sentence = f"Nobody is {line.called('C')} on or {line.called('I')} of “{line.title}”."
        yield Problem("R11", "note", sentence, line.key)


def _columns(grid: Sequence[Line]) -> Iterator[Problem]:
    naming = grid[0].naming if grid else RACI
    does, answers, asked = (word(letter, naming) for letter in "RAC")
    for role in _roles(grid):
        accountable = sum(role in line.roles_with("A") for line in grid)
        responsible = sum(role in line.roles_with("R") for line in grid)
        consulted = sum(role in line.roles_with("C") for line in grid)
        if not accountable and not responsible:
            sentence = f"{role} is neither {does} nor {answers} for anything."
            yield Problem("R9", "note", sentence, role=role)
        if len(grid) < FEWEST_LINES:
            continue
        if consulted > CONSULTED_IN * len(grid):
            share = f"{consulted} of {len(grid)} activities"
            sentence = f"{role} is {asked} on {share}; all wait for it."
            yield Problem("R8", "warning", sentence, role=role)
        if accountable > ACCOUNTABLE_IN * len(grid):
            share = f"{accountable} of {len(grid)} activities"
            sentence = f"{role} is {answers} for {share}; share them out."
            yield Problem("R10", "warning", sentence, role=role)


def _person(role: str, grid: Sequence[Line], held: Held) -> Iterator[Problem]:
    for name in held.inactive:
        sentence = (
            f"{name}, who holds {role}, has no active account any more; name somebody else."
        )
        yield Problem("R5", "error", sentence, role=role)
    if not held.people:
        yield Problem("R5", "error", f"Nobody holds {role}; name a person.", role=role)
        return
    if not held.deputies and len(held.people) == 1:
        sentence = f"{held.people[0]} is alone as {role} and has no deputy."
        yield Problem("R5", "warning", sentence, role=role)
    if len(held.people) > 1 and any(role in line.roles_with("A") for line in grid):
        names, answers = " and ".join(held.people), grid[0].called("A")
        sentence = (
            f"{names} hold {role} together, which is {answers}; one person should answer."
        )
        yield Problem("R12", "warning", sentence, role=role)


def _roles(grid: Sequence[Line]) -> list[str]:
    """The roles with any letter, in the order in which they first appear."""
    return list(
        dict.fromkeys(role for line in grid for role, letters in line.cells.items() if letters)
    )
