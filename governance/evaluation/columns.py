"""Which columns of a file hold what, as a request maps them; opens no file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import get_text_list

from governance.errors import Invalid
from governance.evaluation.slices import Field, Slicing, fields_of, slicings
from governance.metrics.binary import OUTCOMES

MOST_CLASSES = 50

# The columns a task cannot do without, each one column or one for every class.
SINGLE = {
    "binary": ("score", "label"),
    "regression": ("prediction", "label"),
    "multiclass": ("prediction", "label"),
    "multilabel": (),
    "ranking": ("query", "label", "score"),
}
OF_CLASSES = {"multilabel": ("labels", "scores")}
OPTIONAL_OF_CLASSES = {"multiclass": ("scores",)}
TASKS = tuple(SINGLE)
# Figures of single classes are kept as slices of this name.
CLASS = "class"


@dataclass(frozen=True)
class Columns:
    """Which column holds the score, the label, the row key (if any) and the slices.

    `labels` and `scores` name one column for every class; `costs` one for each outcome whose cost
    differs from row to row.
    """

    score: str = ""
    label: str = ""
    row_key: str = ""
    slices: Sequence[Slicing] = ()
    prediction: str = ""
    query: str = ""
    weight: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    costs: dict[str, str] = field(default_factory=dict)
    task: str = "binary"

    def __post_init__(self) -> None:
        object.__setattr__(self, "slices", slicings(self.slices))

    @classmethod
    def from_mapping(cls, mapping: object, task: str = "binary") -> "Columns":
        """Reads the mapping of a request; anything else than column names is refused."""
        if not isinstance(mapping, dict):
            raise Invalid(
                f"Say which columns hold {get_text_list(_parts(task), 'and')}.", field="columns"
            )
        known = [
            *_parts(task),
            *OPTIONAL_OF_CLASSES.get(task, ()),
            "row_key",
            "weight",
            "slices",
        ]
        known += ["costs"] if task == "binary" else []
        if unknown := set(mapping) - set(known):
            raise Invalid(
                f"Columns are mapped as {get_text_list(known, 'and')}, not as “{min(unknown)}”.",
                field="columns",
            )
        named = {key: _name(mapping, key) for key in SINGLE[task]}
        named |= {key: _of_classes(mapping, key) for key in OF_CLASSES.get(task, ())}
        for key in OPTIONAL_OF_CLASSES.get(task, ()):
            named |= {key: _of_classes(mapping, key)} if mapping.get(key) else {}
        named |= {key: _name(mapping, key) for key in ("row_key", "weight") if mapping.get(key)}
        if mapping.get("costs"):
            named["costs"] = _costs(mapping["costs"])
        found = cls(**named, slices=mapping.get("slices") or (), task=task)
        found._check_classes()
        return found

    def as_json(self) -> dict[str, Any]:
        parts = [*_parts(self.task), "scores", "row_key", "weight", "costs"]
        named = {part: getattr(self, part) for part in dict.fromkeys(parts)}
        return {key: value for key, value in named.items() if value} | {
            "slices": [one.as_json() for one in self.slices]
        }

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field that is sliced by, alone or crossed."""
        return fields_of(self.slices)

    def check_against(self, present: Sequence[str]) -> None:
        """Refuses a mapping that names a column the file does not have."""
        for part, name in self._wanted():
            if name not in present:
                known = ", ".join(list(present)[:20])
                raise Invalid(
                    f"The file has no column “{name}”; it has {known}.", field=f"columns.{part}"
                )

    def _wanted(self) -> Iterator[tuple[str, str]]:
        yield from ((part, getattr(self, part)) for part in SINGLE[self.task])
        for part in ("row_key", "weight"):
            if name := getattr(self, part):
                yield part, name
        for part in ("labels", "scores", "costs"):
            yield from ((part, name) for name in getattr(self, part).values())
        yield from (("slices", field.name) for field in self.fields)

    def _check_classes(self) -> None:
        if self.labels and set(self.labels) != set(self.scores):
            odd = min(set(self.labels) ^ set(self.scores))
            raise Invalid(
                f"“{odd}” needs both a column of labels and one of scores.",
                field="columns.scores",
            )
        if self.task in ("multiclass", "multilabel") and CLASS in [
            s.title for s in self.slices
        ]:
            raise Invalid(
                "The figures of single classes are shown by “class”; rename the slice column.",
                field="columns.slices",
            )


def _parts(task: str) -> list[str]:
    return [*SINGLE[task], *OF_CLASSES.get(task, ())]


def _name(mapping: dict, key: str) -> str:
    name = mapping.get(key)
    if not _is_name(name):
        raise Invalid(f"Name the column that holds the {key}.", field=f"columns.{key}")
    return name


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= 200 and "\0" not in name


def _of_classes(mapping: dict, key: str) -> dict[str, str]:
    named = mapping.get(key)
    if not isinstance(named, dict) or not all(_is_name(n) for p in named.items() for n in p):
        raise Invalid(
            f"Name for every class the column that holds its {key.removesuffix('s')}.",
            field=f"columns.{key}",
        )
    if not 2 <= len(named) <= MOST_CLASSES:
        raise Invalid(f"From 2 to {MOST_CLASSES} classes are measured.", field=f"columns.{key}")
    return dict(named)


def _costs(named: object) -> dict[str, str]:
    usable = isinstance(named, dict) and all(_is_name(name) for name in named.values())
    if not usable or set(named) - set(OUTCOMES):
        raise Invalid(
            f"Costs name a column for any of {get_text_list(OUTCOMES, 'and')}.",
            field="columns.costs",
        )
    return dict(named)
