"""A whole matrix as JSON: its schema, and what is made of a document that claims to be one."""

from raci import edits
from raci.edits import AddActivity, AddRole, AnyEdit, Edit, SetNaming, applied
from raci.errors import Invalid
from raci.naming import NAMINGS, RACI, RASCI, letters_of

EMPTY: dict = {"roles": [], "activities": []}
FORM = "The matrix does not have the form of its schema"


def built(stated: object) -> dict:
    """Makes the snapshot by the same edits as a person would, so that the same limits hold."""
    try:
        made = list(_edits(stated))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise Invalid(f"{FORM}: {missing}.", field="matrix") from None
    return applied(EMPTY, made)


def json_schema() -> dict:
    """Returns the schema (JSON Schema 2020-12); without the address it is served at."""
    longest = edits.LONGEST
    role = {
        "code": {"type": "string", "pattern": f"^{edits.ROLE_CODE.pattern}$"},
        "title": _line(longest["title of a role"], "What people call the role."),
    }
    activity = {
        "key": {"type": "string", "pattern": f"^{edits.ACTIVITY_KEY.pattern}$"},
        "stage": _line(longest["stage"], "The group of activities it stands in."),
        "title": _line(longest["title of an activity"], "What is to be done."),
        "segregated": {
            "type": "boolean",
            "default": False,
            "description": "Whether one role may not be both Accountable and Responsible.",
        },
        "cells": {
            "type": "object",
            "description": "Letters by the code of the role; no entry is no part.",
            "additionalProperties": {"enum": letters_of(RASCI)},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Matrix of responsibilities",
        "type": "object",
        "additionalProperties": False,
        "required": ["roles", "activities"],
        "properties": {
            "naming": {
                "enum": list(NAMINGS),
                "default": RACI,
                "description": "How letters are written for people; R stays R here. "
                "Only rasci has an S.",
            },
            "roles": {
                "type": "array",
                "maxItems": edits.MAX_ROLES,
                "items": _object(role, ["code", "title"]),
            },
            "activities": {
                "type": "array",
                "maxItems": edits.MAX_ACTIVITIES,
                "items": _object(activity, ["key", "stage", "title", "cells"]),
            },
        },
    }


def _edits(stated: dict) -> list[AnyEdit]:
    activities = [(one, _text(one["key"], "key")) for one in stated["activities"]]
    return [
        SetNaming(_text(stated.get("naming", RACI), "naming")),
        *(
            AddRole(_text(role["code"], "code"), _text(role["title"], "title"))
            for role in stated["roles"]
        ),
        *(
            AddActivity(
                key,
                _text(one["title"], "title"),
                _text(one["stage"], "stage"),
                one.get("segregated", False) is True,
            )
            for one, key in activities
        ),
        *(
            Edit(key, code, _text(letters, "letters"))
            for one, key in activities
            for code, letters in one["cells"].items()
        ),
    ]


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} has to be text")
    return value


def _line(longest: int, meaning: str) -> dict:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": meaning}


def _object(properties: dict, required: list[str]) -> dict:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }
