"""A matrix as the screens draw it: stages of rows, one cell a role; asks no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from raci import versions
from raci.edits import cell_name
from raci.models import Letters
from raci.rules import Problem

WORDS = {"": "no part"} | dict(Letters.choices)


@dataclass(frozen=True)
class DrawnCell:
    name: str
    code: str
    letters: str
    saved: str
    label: str
    theirs: bool = False

    @property
    def is_changed(self) -> bool:
        return self.letters != self.saved

    @property
    def words(self) -> str:
        return f"{self.label}: {WORDS.get(self.letters, self.letters)}"

    @property
    def saved_words(self) -> str:
        return WORDS.get(self.saved, self.saved)


@dataclass(frozen=True)
class DrawnRow:
    key: str
    title: str
    segregated: bool
    cells: list[DrawnCell]
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class DrawnStage:
    title: str
    rows: list[DrawnRow]


def stages(
    draft: dict,
    saved: dict,
    problems: Iterable[Problem] = (),
    theirs: Iterable[tuple[str, str]] = (),
) -> list[DrawnStage]:
    """Draws the letters of `draft` and what differs from `saved`; `theirs` are cells others changed."""
    wrong = sentences_by_activity(problems)
    theirs, before = set(theirs), versions.cells(saved)
    drawn: list[DrawnStage] = []
    for activity in draft["activities"]:
        if not drawn or drawn[-1].title != activity["stage"]:
            drawn.append(DrawnStage(activity["stage"], []))
        cells = [
            DrawnCell(
                name=cell_name(activity["key"], role["code"]),
                code=role["code"],
                letters=activity["cells"].get(role["code"], ""),
                saved=before.get((activity["key"], role["code"]), ""),
                label=f"{activity['title']}, {role['title']}",
                theirs=(activity["key"], role["code"]) in theirs,
            )
            for role in draft["roles"]
        ]
        row = DrawnRow(
            activity["key"],
            activity["title"],
            activity["segregated"],
            cells,
            wrong.get(activity["key"], []),
        )
        drawn[-1].rows.append(row)
    return drawn


def sentences_by_activity(problems: Iterable[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.activity, []).append(problem.sentence)
    return found
