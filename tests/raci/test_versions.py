"""What lies between two states of a matrix, and that it can be taken back."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raci import edits, versions
from raci.edits import (
    AddActivity,
    AddRole,
    ChangeActivity,
    Edit,
    MoveActivity,
    MoveRole,
    RemoveActivity,
    RemoveRole,
    RenameRole,
    applied,
)
from raci.errors import Conflict, Invalid
from raci.naming import NAMINGS, letters_of

SMALL = {
    "roles": [{"code": "BO", "title": "Business owner"}, {"code": "DS", "title": "Scientist"}],
    "activities": [
        {
            "key": "train",
            "stage": "training",
            "title": "Train",
            "segregated": False,
            "cells": {"BO": "I", "DS": "A/R"},
        },
        {
            "key": "approve",
            "stage": "review",
            "title": "Approve the release",
            "segregated": True,
            "cells": {"BO": "A", "DS": "C"},
        },
    ],
}

titles = (
    st.text("abc XYZ", min_size=1, max_size=8)
    .map(lambda text: f"T{text.strip()}")
    .map(lambda text: " ".join(text.split()))
)


@st.composite
def snapshots(draw):
    codes = draw(st.lists(st.sampled_from(["BO", "MO", "DS", "RV", "SEC"]), unique=True))
    keys = draw(st.lists(st.sampled_from(["one", "two", "three", "four"]), unique=True))
    naming = draw(st.sampled_from(NAMINGS))
    letters = st.sampled_from(letters_of(naming))
    named = {} if naming == "raci" else {"naming": naming}
    return named | {
        "roles": [{"code": code, "title": draw(titles)} for code in codes],
        "activities": [
            {
                "key": key,
                "stage": draw(st.sampled_from(["data", "review"])),
                "title": draw(titles),
                "segregated": draw(st.booleans()),
                "cells": {code: draw(letters) for code in codes if draw(st.booleans())},
            }
            for key in keys
        ],
    }


@settings(deadline=None)
@given(snapshots(), snapshots())
def test_the_difference_leads_there_and_back_again(before, after):
    there = applied(before, versions.difference(before, after))

    assert there == after
    assert applied(there, versions.difference(after, before)) == before


@settings(deadline=None)
@given(snapshots(), snapshots())
def test_something_is_said_exactly_when_something_differs(before, after):
    assert bool(versions.changes(before, after)) == (before != after)
    assert (versions.digest(before) == versions.digest(after)) == (before == after)


def test_edits_leave_what_they_were_given_alone():
    before = deepcopy(SMALL)

    applied(SMALL, [Edit("train", "BO", "C"), RemoveRole("DS"), MoveActivity("approve", 0)])

    assert before == SMALL


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit("approve", "BO", "c"), "Approve the release: BO A → C"),
        (Edit("approve", "BO", ""), "Approve the release: BO A → no part"),
        (AddRole("RV", "Validation"), "Role RV (Validation) added"),
        (RenameRole("DS", "Data scientist"), "Role DS: “Scientist” is now “Data scientist”"),
        (RemoveRole("DS"), "Role DS (Scientist) removed"),
        (MoveRole("DS", 0), "The roles stand in another order."),
        (
            AddActivity("deploy", "Deploy it", "review", True),
            "Activity “Deploy it” added to review, duties kept apart",
        ),
        (
            ChangeActivity("train", title="Fit", segregated=True),
            "Activity “Train” is now “Fit” and keeps duties apart",
        ),
        (
            ChangeActivity("train", stage="work"),
            "Activity “Train” moves from training to work",
        ),
        (RemoveActivity("train"), "Activity “Train” removed (BO I, DS A/R)"),
        (MoveActivity("train", 1), "The activities stand in another order."),
    ],
)
def test_each_edit_is_one_sentence(edit, sentence):
    assert versions.changes(SMALL, applied(SMALL, [edit])) == [sentence]


@pytest.mark.parametrize(
    ("edit", "kind", "words", "field"),
    [
        (Edit("train", "BO", "X"), Invalid, "“X” for BO in “Train”", "cell:train:BO"),
        (Edit("train", "CEO", "A"), Invalid, "no role CEO", "cell:train:CEO"),
        (Edit("fly", "BO", "A"), Invalid, "no activity fly", "cell:fly:BO"),
        (AddRole("BO", "Again"), Conflict, "role BO already", "code"),
        (AddRole("bo ss", "Boss"), Invalid, "no code", "code"),
        (AddRole("RV", "  "), Invalid, "missing", "title"),
        (AddRole("RV", "x" * 101), Invalid, "at most 100", "title"),
        (RenameRole("CEO", "Chief"), Invalid, "no role CEO", "role"),
        (AddActivity("train", "Again", "data"), Conflict, "already", "key"),
        (AddActivity("Train it", "Again", "data"), Invalid, "no key", "key"),
        (AddActivity("fly", "Fly", ""), Invalid, "stage is missing", "stage"),
        (ChangeActivity("train", title="a\x00b"), Invalid, "one line", "title"),
        (RemoveActivity("fly"), Invalid, "no activity fly", "activity"),
        (MoveActivity("fly", 0), Invalid, "no activity fly", "activity"),
    ],
)
def test_what_cannot_be_done_names_its_place(edit, kind, words, field):
    with pytest.raises(kind) as refused:
        applied(SMALL, [edit])

    assert words in refused.value.sentence
    assert refused.value.field == field


def test_all_refusals_are_told_at_once():
    with pytest.raises(Invalid) as refused:
        applied(SMALL, [Edit("train", "BO", "X"), Edit("train", "CEO", "A")])

    assert refused.value.code == "R4"
    assert len(refused.value.reasons) == 2


def test_a_matrix_stays_small_enough_for_one_form():
    roles = [AddRole(f"X{number}", "Another") for number in range(edits.MAX_ROLES - 1)]
    rows = [
        AddActivity(f"x{number}", "Another", "data")
        for number in range(edits.MAX_ACTIVITIES - 1)
    ]

    for too_many in (roles, rows, [Edit("train", "BO", "A")] * (edits.MAX_EDITS + 1)):
        with pytest.raises(Invalid, match="at most"):
            applied(SMALL, too_many)


def test_new_problems_are_those_that_were_not_there():
    worse = applied(SMALL, [Edit("approve", "BO", "C"), Edit("train", "BO", "C")])

    assert {problem.code for problem in versions.new_problems(SMALL, worse)} == {"R1"}
    assert versions.new_problems(worse, SMALL) == []
