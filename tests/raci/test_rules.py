"""R1 to R4: each rule in a table, then against a naive checker on arbitrary grids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.defaults import default_grid
from raci.rules import Line, check

LETTERS = ["R", "A", "C", "I", "A/R"]
CASES = [
    # cells, segregated, codes found
    ({"BO": "A", "DS": "R"}, False, []),
    ({"BO": "A/R"}, False, []),
    ({"BO": "A/R", "DS": "R"}, False, []),
    ({"DS": "R"}, False, ["R1"]),
    ({"BO": "A", "MO": "A", "DS": "R"}, False, ["R1"]),
    ({"BO": "A/R", "MO": "A"}, False, ["R1"]),
    ({"BO": "A", "DS": "C"}, False, ["R2"]),
    ({}, False, ["R1", "R2"]),
    ({"BO": "A/R"}, True, ["R3"]),
    ({"BO": "A", "DS": "R"}, True, []),
    ({"BO": "A", "DS": "R", "RV": "C/I"}, False, ["R4"]),
    ({"BO": "R/A"}, False, ["R1", "R2", "R4"]),
    ({"BO": "A", "DS": "R", "RV": "x"}, False, ["R4"]),
]


@pytest.mark.parametrize(("cells", "segregated", "codes"), CASES)
def test_a_line_has_exactly_these_problems(cells, segregated, codes):
    found = check([Line("release", "Release to production", cells, segregated)])

    assert [problem.code for problem in found] == codes


def test_a_problem_says_what_is_wrong_and_where():
    line = Line("release", "Release to production", {"BO": "A", "MO": "A", "DS": "R"})

    [problem] = check([line])

    assert problem.activity == "release"
    assert problem.severity == "error"
    assert problem.sentence == (
        "2 roles are Accountable for “Release to production” (BO, MO); keep exactly one."
    )


def test_the_role_that_builds_may_not_carry_the_validation():
    grid = [
        Line("train_model", "Train", {"DS": "A/R"}),
        Line("independent_validation", "Validate", {"RV": "A", "DS": "R"}, segregated=True),
    ]

    [problem] = check(grid)

    assert (problem.code, problem.role) == ("R3", "DS")


def test_the_role_that_validates_may_be_accountable_for_it_too():
    grid = [
        Line("train_model", "Train", {"DS": "A/R"}),
        Line("independent_validation", "Validate", {"RV": "A/R"}, segregated=True),
    ]

    assert check(grid) == []


def test_the_default_matrix_has_no_problem():
    assert check(default_grid()) == []


@pytest.mark.parametrize("line", default_grid(), ids=lambda line: line.key)
def test_each_default_activity_has_one_accountable_and_somebody_responsible(line):
    letters = [letter for cell in line.cells.values() for letter in cell.split("/")]

    assert letters.count("A") == 1
    assert letters.count("R") >= 1


def test_the_default_matrix_has_28_activities_of_8_roles():
    grid = default_grid()

    assert len(grid) == 28
    assert len({role for line in grid for role in line.cells}) == 8


def test_the_default_letters_per_role_are_those_of_the_standard():
    counts = {}
    for line in default_grid():
        for role, cell in line.cells.items():
            for letter in cell.split("/"):
                counts[role, letter] = counts.get((role, letter), 0) + 1

    assert [counts["BO", letter] for letter in "ARCI"] == [5, 1, 6, 14]
    assert [counts["RV", letter] for letter in "ARCI"] == [6, 2, 9, 9]


cells = st.dictionaries(
    st.sampled_from(["BO", "MO", "DS", "RV"]), st.sampled_from([*LETTERS, "C/I", "R/A", ""])
)
lines = st.builds(
    Line,
    st.sampled_from(["release", "train_model", "risk_tier"]),
    st.just("T"),
    cells,
    st.booleans(),
)


@given(st.lists(lines, max_size=6))
def test_the_rules_agree_with_a_naive_count(grid):
    assert [problem.code for problem in check(grid)] == [
        code for line in grid for code in naive(line.cells, line.segregated)
    ]


def naive(cells, segregated):
    """R1 to R4 by counting, written without looking at the rules."""
    known = [cell for cell in cells.values() if cell in LETTERS]
    letters = "/".join(known).split("/")
    codes = [] if letters.count("A") == 1 else ["R1"]
    codes += [] if "R" in letters else ["R2"]
    codes += ["R3"] * (known.count("A/R") if segregated else 0)
    return codes + ["R4"] * (len(cells) - len(known))
