"""What a person sends from the editor of a matrix: letters, rows and columns, and what they began on.

The form holds the whole draft, so that nothing is kept between two requests: each cell is
`cell:<activity>:<role>`; each role `role:<code>`, its title; each activity `title:<key>`, `stage:<key>`
and, where duties are kept apart, `apart:<key>`. Their order is that of the matrix.
"""

from collections.abc import Callable
from copy import deepcopy

from django import forms

from raci import drafting, versions
from raci.edits import LONGEST, AnyEdit, Edit, cleaned, in_order
from raci.errors import Invalid
from raci.models import Naming
from raci.naming import naming_of
from raci.services import MAX_REASON


class GridForm(forms.Form):
    expected = forms.IntegerField(
        min_value=1, max_value=2_147_483_647, widget=forms.HiddenInput
    )
    naming = forms.ChoiceField(choices=Naming.choices, required=False, label="Written as")
    reason = forms.CharField(
        required=False,
        max_length=MAX_REASON,
        label="Why",
        help_text="For those who read the versions later.",
    )

    def draft(self, began_on: dict) -> dict:
        """The matrix as it was sent; where rows and columns were not sent, those one began on."""
        shape = self._shape(began_on)
        naming = naming_of(shape)
        known = {
            (one["key"], role["code"]) for one in shape["activities"] for role in shape["roles"]
        }
        rows = {one["key"]: one for one in shape["activities"]}
        for key, code, letters in self._cells():
            if (key, code) in known:
                rows[key]["cells"][code] = cleaned(letters, naming)
        return in_order(shape)

    def strays(self, draft: dict) -> list[Edit]:
        """Letters for which the draft has no cell; saving them is refused with what is unknown."""
        keys = {one["key"] for one in draft["activities"]}
        codes = {role["code"] for role in draft["roles"]}
        return [
            Edit(key, code, letters)
            for key, code, letters in self._cells()
            if letters and not (key in keys and code in codes)
        ]

    def edits(self, began_on: dict) -> list[AnyEdit]:
        """What leads from the matrix they began on to the one that was sent."""
        draft = self.draft(began_on)
        return [*versions.difference(began_on, draft), *self.strays(draft)]

    def clean(self) -> dict:
        fields = super().clean()
        for name, text in self.data.items():
            kind, _, whose = name.partition(":")
            if kind in ("role", "title", "stage") and whose and not text.strip():
                self.add_error(None, f"The {WHAT[kind]} of {whose[:60]} is missing.")
        return fields

    def _cells(self) -> list[tuple[str, str, str]]:
        return [
            (*name.split(":", 2)[1:], letters)
            for name, letters in self.data.items()
            if name.startswith("cell:") and name.count(":") == 2
        ]

    def _named(self, kind: str) -> dict[str, str]:
        """The fields of one kind by what they are about, in the order in which they were sent."""
        prefix = f"{kind}:"
        return {
            name.removeprefix(prefix): " ".join(text.split())
            for name, text in self.data.items()
            if name.startswith(prefix)
        }

    def _shape(self, began_on: dict) -> dict:
        """Naming, roles and activities as they were sent, with the letters one began on."""
        shape = deepcopy(began_on)
        if self.data.get("naming") in Naming.values:
            shape["naming"] = self.data["naming"]
        if shape.get("naming") == Naming.RACI:
            del shape["naming"]
        roles, titles = self._named("role"), self._named("title")
        if not titles:
            return shape
        was = {role["code"]: role["title"] for role in began_on["roles"]}
        shape["roles"] = [
            {"code": code, "title": title or was.get(code, code)}
            for code, title in roles.items()
        ]
        return self._activities(shape, titles)

    def _activities(self, shape: dict, titles: dict[str, str]) -> dict:
        stages, apart = self._named("stage"), self._named("apart")
        before = {one["key"]: one for one in shape["activities"]}
        shape["activities"] = [
            {
                "key": key,
                "stage": stages.get(key) or before.get(key, {}).get("stage", NO_STAGE),
                "title": title or before.get(key, {}).get("title", key),
                "segregated": key in apart,
                "cells": dict(before.get(key, {}).get("cells", {})),
            }
            for key, title in titles.items()
        ]
        return drafting.gathered(shape, self._moved(shape))

    def _moved(self, shape: dict) -> set[str]:
        """The activities whose stage was written anew since they were drawn."""
        drawn = self._named("drawn")
        return {
            one["key"]
            for one in shape["activities"]
            if one["key"] in drawn and drawn[one["key"]] != one["stage"]
        }


NO_STAGE = "other"
WHAT = {"role": "title", "title": "title", "stage": "stage"}


class ShapeForm(forms.Form):
    """What is added to a draft; nothing of it is saved by itself."""

    new_code = forms.CharField(required=False, max_length=10, label="Code")
    new_role = forms.CharField(
        required=False, max_length=LONGEST["title of a role"], label="Title"
    )
    new_activity = forms.CharField(
        required=False, max_length=LONGEST["title of an activity"], label="Activity"
    )
    new_stage = forms.CharField(required=False, max_length=LONGEST["stage"], label="Stage")


def acted(act: str, draft: dict, saved: dict, fields: dict[str, str]) -> dict:
    """The draft after one act upon its rows and columns, named by a button: `activity-up release`.

    Refused is what the draft does not allow, such as a second role of the same code.
    """
    name, _, whose = act.partition(" ")
    acts: dict[str, Callable[[], dict]] = {
        "draw": lambda: draft,
        "components": lambda: drafting.with_components(draft),
        "add-role": lambda: drafting.with_role(draft, fields["new_code"], fields["new_role"]),
        "add-activity": lambda: drafting.with_activity(
            draft, fields["new_activity"], fields["new_stage"]
        ),
        "role-left": lambda: drafting.shifted_role(draft, whose, -1),
        "role-right": lambda: drafting.shifted_role(draft, whose, 1),
        "role-away": lambda: drafting.without_role(draft, whose),
        "role-back": lambda: drafting.with_role_back(draft, saved, whose),
        "activity-up": lambda: drafting.shifted_activity(draft, whose, -1),
        "activity-down": lambda: drafting.shifted_activity(draft, whose, 1),
        "activity-away": lambda: drafting.without_activity(draft, whose),
        "activity-back": lambda: drafting.with_activity_back(draft, saved, whose),
    }
    if name not in acts:
        raise Invalid(f"A matrix knows no act “{name[:20]}”.", field="act")
    return acts[name]()


class RestoreForm(forms.Form):
    expected = forms.IntegerField(min_value=1, max_value=2_147_483_647)
