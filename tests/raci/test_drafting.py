"""Rows and columns of a draft are added, moved, taken away and put back; letters stay where they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci import drafting, versions
from raci.edits import ACTIVITY_KEY, MAX_ACTIVITIES, Edit, applied, drafted
from raci.errors import Conflict, Invalid
from raci.templates import template

DEFAULT = template("default").snapshot
CODES = [role["code"] for role in DEFAULT["roles"]]
KEYS = [one["key"] for one in DEFAULT["activities"]]


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from([-1, 1])), max_size=8))
def test_moving_columns_changes_their_order_and_nothing_else(moves):
    draft = DEFAULT
    for code, by in moves:
        draft = drafting.shifted_role(draft, code, by)

    assert versions.cells(draft) == versions.cells(DEFAULT)
    assert sorted(role["code"] for role in draft["roles"]) == sorted(CODES)
    assert applied(DEFAULT, versions.difference(DEFAULT, draft)) == draft


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([-1, 1])), max_size=12))
def test_moving_rows_keeps_their_letters_and_each_stage_in_one_piece(moves):
    draft = DEFAULT
    for key, by in moves:
        draft = drafting.shifted_activity(draft, key, by)

    assert versions.cells(draft) == versions.cells(DEFAULT)
    stages = [one["stage"] for one in draft["activities"]]
    runs = [stage for at, stage in enumerate(stages) if at == 0 or stages[at - 1] != stage]
    assert len(runs) == len(set(runs))
    assert applied(DEFAULT, versions.difference(DEFAULT, draft)) == draft


@pytest.mark.parametrize("code", CODES)
def test_a_column_put_back_is_as_it_was(code):
    without = drafting.without_role(DEFAULT, code)

    assert drafting.with_role_back(without, DEFAULT, code) == DEFAULT
    assert drafting.with_role_back(DEFAULT, DEFAULT, code) == DEFAULT


@pytest.mark.parametrize("key", KEYS)
def test_a_row_put_back_is_as_it_was(key):
    without = drafting.without_activity(DEFAULT, key)

    assert drafting.with_activity_back(without, DEFAULT, key) == DEFAULT


@given(st.lists(st.text(max_size=70), max_size=6))
def test_every_title_makes_a_key_of_its_own(titles):
    draft = {"roles": [], "activities": []}
    for title in titles:
        key = drafting.new_key(draft, title)
        draft["activities"].append({"key": key})

        assert ACTIVITY_KEY.fullmatch(key)
    keys = [one["key"] for one in draft["activities"]]
    assert len(keys) == len(set(keys))


def test_a_new_role_is_written_in_capitals_and_refused_if_it_is_there():
    added = drafting.with_role(DEFAULT, " dpo ", "Data protection")

    assert added["roles"][-1] == {"code": "DPO", "title": "Data protection"}
    with pytest.raises(Conflict, match="a role DPO already"):
        drafting.with_role(added, "dpo", "Again")
    with pytest.raises(Invalid, match="no role XYZ"):
        drafting.without_role(DEFAULT, "XYZ")


def test_letters_that_are_not_allowed_yet_survive_what_is_done_to_rows():
    draft = drafted(DEFAULT, [Edit("release", "BO", "X")])

    moved = drafting.shifted_activity(drafting.with_components(draft), "release", 1)

    assert versions.cells(moved)["release", "BO"] == "X"
    assert len(moved["activities"]) == len(KEYS) + 10


def test_components_that_find_no_room_are_refused_together():
    full = DEFAULT
    for number in range(MAX_ACTIVITIES - len(KEYS)):
        full = drafting.with_activity(full, f"Row {number}", "more")

    with pytest.raises(Invalid, match="so none was") as refused:
        drafting.with_components(full)

    assert "at most 60 activities" in refused.value.reasons[0]
