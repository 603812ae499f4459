"""Which columns of a file hold what, as a request maps them; opens no file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.errors import Invalid

MOST_SLICE_FIELDS = 20


@dataclass(frozen=True)
class Columns:
    """Which column holds the score, the label, the row key (if any) and the slices."""

    score: str
    label: str
    row_key: str = ""
    slices: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def from_mapping(cls, mapping: object) -> "Columns":
        """Reads the mapping of a request; anything else than column names is refused."""
        if not isinstance(mapping, dict):
            raise Invalid("Say which column is the score and which the label.", field="columns")
        unknown = set(mapping) - {"score", "label", "row_key", "slices"}
        if unknown:
            raise Invalid(
                f"Columns are mapped as score, label, row_key and slices, not as “{min(unknown)}”.",
                field="columns",
            )
        names = {key: _name(mapping, key) for key in ("score", "label")}
        row_key = _name(mapping, "row_key") if mapping.get("row_key") else ""
        return cls(**names, row_key=row_key, slices=_slice_names(mapping.get("slices") or []))

    def as_json(self) -> dict[str, Any]:
        named = {"score": self.score, "label": self.label, "slices": list(self.slices)}
        return named | ({"row_key": self.row_key} if self.row_key else {})

    def check_against(self, present: Sequence[str]) -> None:
        """Refuses a mapping that names a column the file does not have."""
        wanted = [("score", self.score), ("label", self.label)]
        wanted += [("row_key", self.row_key)] if self.row_key else []
        wanted += [("slices", name) for name in self.slices]
        for part, name in wanted:
            if name not in present:
                known = ", ".join(list(present)[:20])
                raise Invalid(
                    f"The file has no column “{name}”; it has {known}.", field=f"columns.{part}"
                )


def _name(mapping: dict, key: str) -> str:
    name = mapping.get(key)
    if not isinstance(name, str) or not name or len(name) > 200 or "\0" in name:
        raise Invalid(f"Name the column that holds the {key}.", field=f"columns.{key}")
    return name


def _slice_names(names: object) -> tuple[str, ...]:
    where = "columns.slices"
    if not isinstance(names, list | tuple) or not all(isinstance(n, str) and n for n in names):
        raise Invalid("Slices are a list of column names.", field=where)
    if len(set(names)) < len(names):
        raise Invalid("A slice column is named twice.", field=where)
    if len(names) > MOST_SLICE_FIELDS:
        raise Invalid(f"At most {MOST_SLICE_FIELDS} slice columns are measured.", field=where)
    if any(len(name) > 200 or "\0" in name for name in names):
        raise Invalid(
            "The name of a slice column has at most 200 plain characters.", field=where
        )
    return tuple(names)
