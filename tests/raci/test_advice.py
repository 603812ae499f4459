"""R5 and R7 to R12: each rule in a table, then against a naive checker on arbitrary grids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.advice import Held, advise, advise_on_people
from raci.defaults import default_grid
from raci.rules import Line

SIX = ["BO", "MO", "DS", "DE", "MLE", "OPS"]


def line(letters, key="release"):
    """Letters in the order of six roles; a dot is no part."""
    return Line(
        key, key.title(), {r: x for r, x in zip(SIX, letters, strict=False) if x != "."}
    )


def codes(*lines):
    return [problem.code for problem in advise(lines)]


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        (["A", "R", "C"], ["R9"]),
        (["A", "R", "I"], ["R9"]),
        (["A/R"], ["R11"]),
        (["A", "R"], ["R11"]),
        (["A", "R", "R", "R", "I"], ["R9"]),
        (["A/R", "R", "R", "R", "I"], ["R7", "R9"]),
        (["A/R", "C", "C", "C", "C", "C"], ["R9"] * 5),
    ],
)
def test_one_activity_has_exactly_this_advice(letters, found):
    assert codes(line(letters)) == found


def test_more_than_five_consulted_are_slow():
    wide = Line("release", "Release", {"BO": "A/R", **dict.fromkeys("abcdef", "C")})

    assert (
        advise([wide])[0].sentence
        == "6 roles are Consulted on “Release”; asking so many is slow."
    )


def test_shares_count_from_five_activities_on():
    few = [line(["A", "R", "C"], str(number)) for number in range(4)]
    many = [line(["A", "R", "C"], str(number)) for number in range(5)]

    assert codes(*few) == ["R9"]
    assert codes(*many) == ["R10", "R9", "R8"]


def test_exactly_half_is_not_yet_too_much():
    grid = [line(["A", "R", "I"], str(number)) for number in range(3)]
    grid += [line(["R", "A", "I"], str(number)) for number in range(3, 6)]

    assert codes(*grid) == ["R9"]


def test_the_default_matrix_is_sound_with_two_remarks():
    assert [(one.code, one.activity or one.role) for one in advise(default_grid())] == [
        ("R8", "decide_retirement"),
        ("R9", "SEC"),
    ]


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (Held(), [("R5", "error", "Nobody holds BO; name a person.")]),
        (Held(["Bea"]), [("R5", "warning", "Bea is alone as BO and has no deputy.")]),
        (Held(["Bea"], deputies=["Mo"]), []),
        (
            Held(["Bea", "Mo"]),
            [
                (
                    "R12",
                    "warning",
                    "Bea and Mo hold BO together, which is Accountable; one person should answer.",
                )
            ],
        ),
        (
            Held(["Bea"], ["Mo"], inactive=["Ada"]),
            [
                (
                    "R5",
                    "error",
                    "Ada, who holds BO, has no active account any more; name somebody else.",
                )
            ],
        ),
    ],
)
def test_what_is_said_about_who_holds_a_role(held, found):
    grid = [line(["A/R"])]

    assert [
        (p.code, p.severity, p.sentence) for p in advise_on_people(grid, {"BO": held})
    ] == found


def test_two_who_only_do_the_work_are_no_team_that_answers():
    grid = [line(["A", "R"])]
    held = {"BO": Held(["Bea"], ["Mo"]), "MO": Held(["Ada", "Olu"])}

    assert advise_on_people(grid, held) == []


grids = st.lists(
    st.builds(
        Line,
        st.uuids().map(str),
        st.just("T"),
        st.dictionaries(
            st.sampled_from("abcdefgh"), st.sampled_from(["R", "A", "C", "I", "A/R"])
        ),
    ),
    max_size=8,
)


@given(grids)
def test_the_advice_agrees_with_a_naive_count(grid):
    assert sorted(problem.code for problem in advise(grid)) == sorted(naive(grid))


def naive(grid):
    """R7 to R11 by counting letters in rows and columns, written without looking at the rules."""
    found = []
    columns = {}
    for row in grid:
        letters = "".join(row.cells.values())
        found += ["R7"] * (letters.count("R") > 3) + ["R8"] * (letters.count("C") > 5)
        found += ["R11"] * (not set(letters) & {"C", "I"})
        for role, cell in row.cells.items():
            columns[role] = columns.get(role, "") + cell + " "
    for letters in columns.values():
        found += ["R9"] * (not set(letters) & {"A", "R"})
        if len(grid) >= 5:
            found += ["R8"] * (letters.count("C") / len(grid) > 0.6)
            found += ["R10"] * (letters.count("A") / len(grid) > 0.5)
    return found
