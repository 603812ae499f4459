"""What lies between two states of a matrix: edits, and sentences for people; no database."""

import hashlib
import json
from collections.abc import Iterator

from raci import rules
from raci.edits import (
    AddActivity,
    AddRole,
    AnyEdit,
    ChangeActivity,
    Edit,
    MoveActivity,
    MoveRole,
    RemoveActivity,
    RemoveRole,
    RenameRole,
    SetNaming,
    applied,
)
from raci.naming import NO_PART, RASCI, naming_of, shown


def digest(snapshot: dict) -> str:
    """Names a matrix by its content, as “sha256:…”; the order of keys does not matter."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def lines(snapshot: dict) -> list[rules.Line]:
    """The matrix as the rules see it."""
    naming = naming_of(snapshot)
    return [
        rules.Line(one["key"], one["title"], dict(one["cells"]), one["segregated"], naming)
        for one in snapshot["activities"]
    ]


def difference(before: dict, after: dict) -> list[AnyEdit]:
    """The edits that turn one state into the other; exchanged, they undo each other."""
    naming = [*_naming(before, after)]
    early = (
        naming_of(after) == RASCI
    )  # before the first S is set, or after the last one is gone
    edits = [*(naming if early else []), *_structure(before, after)]
    between = applied(before, edits)
    edits += [*_order(between, after)]
    was = cells(between)
    edits += [
        Edit(key, code, letters)
        for (key, code), letters in _all_cells(after).items()
        if was.get((key, code), "") != letters
    ]
    return edits if early else [*edits, *naming]


def changes(before: dict, after: dict) -> list[str]:
    """What changed, for people: “Approve the release: BO A → C”."""
    titles = {one["key"]: one["title"] for one in after["activities"]}
    sentences = shape_changes(before, after)
    old, new, naming = cells(before), _all_cells(after), naming_of(after)
    for (key, code), letters in new.items():
        earlier = old.get((key, code), "")
        if earlier != letters:
            was, now = shown(earlier, naming), shown(letters, naming)
            sentences.append(f"{titles[key]}: {code} {was or NO_PART} → {now or NO_PART}")
    return sentences


def shape_changes(before: dict, after: dict) -> list[str]:
    """What changed besides letters: naming, roles, activities and their order."""
    edits = [*_naming(before, after), *_structure(before, after)]
    sentences = [_sentence(edit, before, after) for edit in edits]
    if _reordered(before, after, "roles", "code"):
        sentences.append("The roles stand in another order.")
    if _reordered(before, after, "activities", "key"):
        sentences.append("The activities stand in another order.")
    return sentences


def changed_cells(before: dict, after: dict) -> dict[tuple[str, str], tuple[str, str]]:
    """The cells that both states have room for and that differ, each with its old and new letters."""
    old, new = cells(before), _all_cells(after)
    room = set(_all_cells(before))
    return {
        place: (old.get(place, ""), letters)
        for place, letters in new.items()
        if place in room and old.get(place, "") != letters
    }


def new_problems(before: dict, after: dict) -> list[rules.Problem]:
    """The errors that the later state has and the earlier had not."""
    known = set(rules.check(lines(before)))
    return [problem for problem in rules.check(lines(after)) if problem not in known]


def cells(snapshot: dict) -> dict[tuple[str, str], str]:
    """The letters by activity and role; where there are none there is no entry."""
    return {
        (activity["key"], code): letters
        for activity in snapshot["activities"]
        for code, letters in activity["cells"].items()
    }


def _all_cells(snapshot: dict) -> dict[tuple[str, str], str]:
    return {
        (activity["key"], role["code"]): activity["cells"].get(role["code"], "")
        for activity in snapshot["activities"]
        for role in snapshot["roles"]
    }


def _structure(before: dict, after: dict) -> Iterator[AnyEdit]:
    roles, activities = _by(before, "roles", "code"), _by(before, "activities", "key")
    wanted_roles, wanted = _by(after, "roles", "code"), _by(after, "activities", "key")
    yield from (RemoveRole(code) for code in roles if code not in wanted_roles)
    yield from (RemoveActivity(key) for key in activities if key not in wanted)
    for code, role in wanted_roles.items():
        if code not in roles:
            yield AddRole(code, role["title"])
        elif role["title"] != roles[code]["title"]:
            yield RenameRole(code, role["title"])
    for key, one in wanted.items():
        if key not in activities:
            yield AddActivity(key, one["title"], one["stage"], one["segregated"])
            continue
        changed = {
            field: one[field]
            for field in ("title", "stage", "segregated")
            if one[field] != activities[key][field]
        }
        if changed:
            yield ChangeActivity(key, **changed)


def _naming(before: dict, after: dict) -> Iterator[AnyEdit]:
    if naming_of(before) != naming_of(after):
        yield SetNaming(naming_of(after))


def _order(between: dict, after: dict) -> Iterator[AnyEdit]:
    """Moves each row that is not yet where it belongs, from the top."""
    for rows, name, move in (("roles", "code", MoveRole), ("activities", "key", MoveActivity)):
        now = [row[name] for row in between[rows]]
        for place, wanted in enumerate(row[name] for row in after[rows]):
            if now[place] != wanted:
                now.remove(wanted)
                now.insert(place, wanted)
                yield move(wanted, place)


def _reordered(before: dict, after: dict, rows: str, name: str) -> bool:
    old, new = list(_by(before, rows, name)), list(_by(after, rows, name))
    return [one for one in old if one in new] != [one for one in new if one in old]


def _sentence(edit: AnyEdit, before: dict, after: dict) -> str:
    activities, roles = _by(before, "activities", "key"), _by(before, "roles", "code")
    match edit:
        case AddRole(code, title):
            return f"Role {code} ({title}) added"
        case RemoveRole(code):
            return f"Role {code} ({roles[code]['title']}) removed"
        case RenameRole(code, title):
            return f"Role {code}: “{roles[code]['title']}” is now “{title}”"
        case AddActivity(key, title, stage):
            apart = ", duties kept apart" if edit.segregated else ""
            return f"Activity “{title}” added to {stage}{apart}"
        case RemoveActivity(key):
            held = activities[key]["cells"]
            letters = ", ".join(f"{code} {letter}" for code, letter in held.items())
            return f"Activity “{activities[key]['title']}” removed ({letters or 'no letters'})"
        case SetNaming(naming):
            return f"The matrix is written as {naming.upper()}"
        case ChangeActivity(key):
            return _changed_activity(edit, activities[key])
    raise AssertionError(edit)


def _changed_activity(edit: ChangeActivity, was: dict) -> str:
    parts = []
    if edit.title is not None:
        parts.append(f"is now “{edit.title}”")
    if edit.stage is not None:
        parts.append(f"moves from {was['stage']} to {edit.stage}")
    if edit.segregated is not None:
        parts.append(
            "keeps duties apart" if edit.segregated else "no longer keeps duties apart"
        )
    return f"Activity “{was['title']}” {' and '.join(parts)}"


def _by(snapshot: dict, rows: str, name: str) -> dict[str, dict]:
    return {row[name]: row for row in snapshot[rows]}
