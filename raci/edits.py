"""What can be done to a matrix, one small act each, on plain values: no database.

A snapshot is the whole matrix as plain values, roles and activities in their order, and its `naming`
unless that is RACI:
`{"roles": [{code, title}], "activities": [{key, stage, title, segregated, cells: {code: letters}}]}`.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from raci.errors import Conflict, Invalid
from raci.naming import NAMINGS, RACI, RASCI, known_letters, letters_of, naming_of, stored

# Together they keep a whole matrix below what one form may carry.
MAX_ROLES = 16
MAX_ACTIVITIES = 60
MAX_EDITS = 2000
ROLE_CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,9}")
ACTIVITY_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
LONGEST_DRAFT = 10
LONGEST = {"title of a role": 100, "title of an activity": 200, "stage": 40}


@dataclass(frozen=True)
class Edit:
    """Sets the letters of one cell; an empty string takes them away."""

    activity_key: str
    role_code: str
    letters: str


@dataclass(frozen=True)
class AddRole:
    code: str
    title: str


@dataclass(frozen=True)
class RenameRole:
    code: str
    title: str


@dataclass(frozen=True)
class RemoveRole:
    code: str


@dataclass(frozen=True)
class MoveRole:
    """`position` counts from 0; beyond the end means last."""

    code: str
    position: int


@dataclass(frozen=True)
class AddActivity:
    """Adds it at the end of its stage; of all, where the stage is new."""

    key: str
    title: str
    stage: str
    segregated: bool = False


@dataclass(frozen=True)
class ChangeActivity:
    """What is None stays as it is."""

    key: str
    title: str | None = None
    stage: str | None = None
    segregated: bool | None = None


@dataclass(frozen=True)
class RemoveActivity:
    key: str


@dataclass(frozen=True)
class MoveActivity:
    """`position` counts from 0; beyond the end means last."""

    key: str
    position: int


@dataclass(frozen=True)
class SetNaming:
    """How the letters are written: one of `raci.naming.NAMINGS`."""

    naming: str


AnyEdit = (
    Edit
    | AddRole
    | RenameRole
    | RemoveRole
    | MoveRole
    | AddActivity
    | ChangeActivity
    | RemoveActivity
    | MoveActivity
    | SetNaming
)


def applied(snapshot: dict, edits: Iterable[AnyEdit]) -> dict:
    """The matrix after all edits, in their order.

    Whatever cannot be done is told together, and then nothing is: `Invalid` names each cell.
    """
    after, refusals = deepcopy(snapshot), []
    edits = list(edits)
    if len(edits) > MAX_EDITS:
        raise Invalid(f"{len(edits)} changes at once are too many; at most {MAX_EDITS}.")
    for edit in edits:
        try:
            _ACTS[type(edit)](after, edit)
        except (Invalid, Conflict) as refusal:
            refusals.append(refusal)
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Invalid(
            f"{len(refusals)} changes cannot be made, so none was.",
            code=refusals[0].code,
            reasons=[one.sentence for one in refusals],
            field=refusals[0].field,
        )
    return in_order(after)


def drafted(snapshot: dict, edits: Iterable[AnyEdit]) -> dict:
    """The matrix as somebody is writing it: unknown letters stay, for the rules to find.

    What the matrix has no room for is left out; nothing here is fit to be saved.
    """
    draft = deepcopy(snapshot)
    for edit in edits:
        if isinstance(edit, Edit):
            _draft_cell(draft, edit)
            continue
        try:
            _ACTS[type(edit)](draft, edit)
        except (Invalid, Conflict):
            continue
    return in_order(draft)


def cleaned(letters: str, naming: str = RACI) -> str:
    """The letters as the matrix keeps them; what is unknown stays and is refused by rule R4."""
    return stored(letters, naming)[:LONGEST_DRAFT]


def cell_name(activity_key: str, role_code: str) -> str:
    """How forms and refusals name one cell."""
    return f"cell:{activity_key}:{role_code}"


def in_order(snapshot: dict) -> dict:
    """The same matrix with the cells of each activity in the order of the roles."""
    codes = [role["code"] for role in snapshot["roles"]]
    for activity in snapshot["activities"]:
        cells = activity["cells"]
        activity["cells"] = {code: cells[code] for code in codes if cells.get(code)}
    return snapshot


def _draft_cell(draft: dict, edit: Edit) -> None:
    codes = {role["code"] for role in draft["roles"]}
    for activity in draft["activities"]:
        if activity["key"] == edit.activity_key and edit.role_code in codes:
            activity["cells"][edit.role_code] = cleaned(edit.letters, naming_of(draft))


def _set_cell(after: dict, edit: Edit) -> None:
    field = cell_name(edit.activity_key, edit.role_code)
    activity = _activity(after, edit.activity_key, field)
    role = _role(after, edit.role_code, field)
    naming = naming_of(after)
    letters = stored(edit.letters, naming)
    if letters and letters not in letters_of(naming):
        raise Invalid(
            f"“{letters[:20]}” for {role['code']} in “{activity['title']}” is not allowed; "
            f"use {known_letters(naming)}.",
            code="R4",
            field=field,
        )
    activity["cells"][edit.role_code] = letters


def _add_role(after: dict, edit: AddRole) -> None:
    if not ROLE_CODE.fullmatch(edit.code):
        raise Invalid(
            f"“{edit.code[:20]}” is no code for a role; use up to 10 capital letters and digits.",
            field="code",
        )
    if any(role["code"] == edit.code for role in after["roles"]):
        raise Conflict(f"There is a role {edit.code} already.", field="code")
    if len(after["roles"]) >= MAX_ROLES:
        raise Invalid(f"A matrix has at most {MAX_ROLES} roles.", field="code")
    title = _words("title of a role", edit.title)
    after["roles"].append({"code": edit.code, "title": title})


def _rename_role(after: dict, edit: RenameRole) -> None:
    _role(after, edit.code)["title"] = _words("title of a role", edit.title)


def _remove_role(after: dict, edit: RemoveRole) -> None:
    after["roles"].remove(_role(after, edit.code))
    for activity in after["activities"]:
        activity["cells"].pop(edit.code, None)


def _move_role(after: dict, edit: MoveRole) -> None:
    _move(after["roles"], _role(after, edit.code), edit.position)


def _add_activity(after: dict, edit: AddActivity) -> None:
    if not ACTIVITY_KEY.fullmatch(edit.key):
        raise Invalid(
            f"“{edit.key[:20]}” is no key for an activity; use small letters, digits and “_”.",
            field="key",
        )
    if any(activity["key"] == edit.key for activity in after["activities"]):
        raise Conflict(f"There is an activity {edit.key} already.", field="key")
    if len(after["activities"]) >= MAX_ACTIVITIES:
        raise Invalid(f"A matrix has at most {MAX_ACTIVITIES} activities.", field="key")
    added = {
        "key": edit.key,
        "stage": _words("stage", edit.stage),
        "title": _words("title of an activity", edit.title),
        "segregated": bool(edit.segregated),
        "cells": {},
    }
    after["activities"].insert(_end_of_stage(after["activities"], added["stage"]), added)


def _change_activity(after: dict, edit: ChangeActivity) -> None:
    activity = _activity(after, edit.key)
    if edit.title is not None:
        activity["title"] = _words("title of an activity", edit.title)
    if edit.stage is not None:
        activity["stage"] = _words("stage", edit.stage)
    if edit.segregated is not None:
        activity["segregated"] = bool(edit.segregated)


def _remove_activity(after: dict, edit: RemoveActivity) -> None:
    after["activities"].remove(_activity(after, edit.key))


def _move_activity(after: dict, edit: MoveActivity) -> None:
    _move(after["activities"], _activity(after, edit.key), edit.position)


def _set_naming(after: dict, edit: SetNaming) -> None:
    if edit.naming not in NAMINGS:
        raise Invalid(
            f"“{edit.naming[:20]}” is no naming of letters; use {', '.join(NAMINGS)}.",
            field="naming",
        )
    if edit.naming != RASCI:
        for one in after["activities"]:
            if "S" in one["cells"].values():
                raise Conflict(
                    f"Somebody Supports “{one['title']}”; only a RASCI matrix has an S.",
                    field="naming",
                )
    after.pop("naming", None)
    if edit.naming != RACI:
        after["naming"] = edit.naming


_ACTS = {
    Edit: _set_cell,
    AddRole: _add_role,
    RenameRole: _rename_role,
    RemoveRole: _remove_role,
    MoveRole: _move_role,
    AddActivity: _add_activity,
    ChangeActivity: _change_activity,
    RemoveActivity: _remove_activity,
    MoveActivity: _move_activity,
    SetNaming: _set_naming,
}


def _role(snapshot: dict, code: str, field: str = "role") -> dict:
    for role in snapshot["roles"]:
        if role["code"] == code:
            return role
    raise Invalid(f"This matrix has no role {code[:20]}.", code="unknown_role", field=field)


def _activity(snapshot: dict, key: str, field: str = "activity") -> dict:
    for activity in snapshot["activities"]:
        if activity["key"] == key:
            return activity
    raise Invalid(
        f"This matrix has no activity {key[:60]}.", code="unknown_activity", field=field
    )


def _move(rows: list[dict], row: dict, position: int) -> None:
    rows.remove(row)
    rows.insert(max(0, position), row)


def _end_of_stage(activities: list[dict], stage: str) -> int:
    places = [place for place, one in enumerate(activities) if one["stage"] == stage]
    return places[-1] + 1 if places else len(activities)


def _words(what: str, text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Invalid(f"The {what} is missing.", field=what.split()[0])
    if len(text) > LONGEST[what] or not text.isprintable():
        raise Invalid(
            f"The {what} is one line of at most {LONGEST[what]} characters.",
            field=what.split()[0],
        )
    return text
