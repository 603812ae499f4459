"""What a person does to the rows and columns of a matrix before saving: from draft to draft, no database.

A draft is a snapshot (see `raci.edits`) that may hold unknown letters. What cannot be done is refused.
"""

import re
import unicodedata
from copy import deepcopy

from raci.components import component_edits
from raci.edits import (
    AddActivity,
    AddRole,
    MoveRole,
    RemoveActivity,
    RemoveRole,
    applied,
    in_order,
)

LONGEST_KEY = 50


def with_role(draft: dict, code: str, title: str) -> dict:
    """Adds a role as the last column; its code is written in capitals."""
    return applied(draft, [AddRole(code.strip().upper(), title)])


def with_activity(draft: dict, title: str, stage: str) -> dict:
    """Adds an activity at the end of its stage, under a key made of its title."""
    return applied(draft, [AddActivity(new_key(draft, title), title, stage)])


def with_components(draft: dict) -> dict:
    """Adds those of the ten components of a machine-learning system that are no rows yet."""
    return applied(draft, component_edits(draft))


def without_role(draft: dict, code: str) -> dict:
    return applied(draft, [RemoveRole(code)])


def without_activity(draft: dict, key: str) -> dict:
    return applied(draft, [RemoveActivity(key)])


def shifted_role(draft: dict, code: str, by: int) -> dict:
    """Moves the role by so many columns; at the edge it stays."""
    places = [role["code"] for role in draft["roles"]]
    at = places.index(code) if code in places else 0
    return applied(draft, [MoveRole(code, at + by)])


def shifted_activity(draft: dict, key: str, by: int) -> dict:
    """Moves the activity one row up (-1) or down (1); over the edge of its stage it joins the next."""
    after = deepcopy(draft)
    rows = after["activities"]
    at = next((place for place, one in enumerate(rows) if one["key"] == key), None)
    if at is None or not 0 <= at + by < len(rows):
        return after
    if rows[at]["stage"] != rows[at + by]["stage"]:
        rows[at]["stage"] = rows[at + by]["stage"]
    else:
        rows[at], rows[at + by] = rows[at + by], rows[at]
    return after


def with_role_back(draft: dict, saved: dict, code: str) -> dict:
    """Takes back that a role was removed: its column stands where it stood, with its letters."""
    after = _with_row_back(draft, saved, "roles", "code", code)
    before = {one["key"]: one["cells"] for one in saved["activities"]}
    for one in after["activities"]:
        if letters := before.get(one["key"], {}).get(code):
            one["cells"].setdefault(code, letters)
    return in_order(after)


def with_activity_back(draft: dict, saved: dict, key: str) -> dict:
    """Takes back that an activity was removed."""
    return in_order(_with_row_back(draft, saved, "activities", "key", key))


def gathered(draft: dict, moved: set[str]) -> dict:
    """The draft with each of these activities at the end of the stage that it was given."""
    after = deepcopy(draft)
    for one in [row for row in after["activities"] if row["key"] in moved]:
        rows = after["activities"]
        rows.remove(one)
        places = [place for place, row in enumerate(rows) if row["stage"] == one["stage"]]
        rows.insert(places[-1] + 1 if places else len(rows), one)
    return after


def new_key(draft: dict, title: str) -> str:
    """A key of small letters and digits that no activity of the draft has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_KEY]
    key = words if words[:1].isalpha() else f"activity_{words}".rstrip("_")
    taken = {one["key"] for one in draft["activities"]}
    number = 2
    wanted = key
    while wanted in taken:
        wanted, number = f"{key}_{number}", number + 1
    return wanted


def _with_row_back(draft: dict, saved: dict, rows: str, name: str, wanted: str) -> dict:
    after = deepcopy(draft)
    for place, row in enumerate(saved[rows]):
        there = any(one[name] == wanted for one in after[rows])
        if row[name] == wanted and not there:
            after[rows].insert(place, deepcopy(row))
    return after
