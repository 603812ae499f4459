"""A matrix as the screens draw it: stages of rows, one cell a role; asks no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from raci import versions
from raci.edits import cell_name
from raci.naming import letters_of, naming_of, shown, words
from raci.rules import Line, Problem


@dataclass(frozen=True)
class DrawnCell:
    name: str
    code: str
    letters: str
    saved: str
    label: str
    naming: str
    theirs: bool = False
    is_wrong: bool = False

    @property
    def is_changed(self) -> bool:
        return self.letters != self.saved

    @property
    def saved_shown(self) -> str:
        return shown(self.saved, self.naming)

    @property
    def saved_words(self) -> str:
        return words(self.saved, self.naming)

    @property
    def options(self) -> SafeString:
        return options(self.letters, self.naming)


@dataclass(frozen=True)
class DrawnRow:
    key: str
    title: str
    stage: str
    segregated: bool
    cells: list[DrawnCell]
    problems: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """The roles whose cells break a rule."""
        return [cell.code for cell in self.cells if cell.is_wrong]


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
    by_activity: dict[str, list[Problem]] = {}
    for problem in problems:
        by_activity.setdefault(problem.activity, []).append(problem)
    theirs, before, naming = set(theirs), versions.cells(saved), naming_of(draft)
    drawn: list[DrawnStage] = []
    for line, activity in zip(versions.lines(draft), draft["activities"], strict=True):
        if not drawn or drawn[-1].title != activity["stage"]:
            drawn.append(DrawnStage(activity["stage"], []))
        found = by_activity.get(line.key, [])
        wrong = wrong_roles(line, found)
        cells = [
            DrawnCell(
                name=cell_name(line.key, role["code"]),
                code=role["code"],
                letters=line.cells.get(role["code"], ""),
                saved=before.get((line.key, role["code"]), ""),
                label=f"{line.title}, {role['title']}",
                naming=naming,
                theirs=(line.key, role["code"]) in theirs,
                is_wrong=role["code"] in wrong,
            )
            for role in draft["roles"]
        ]
        sentences = [one.sentence for one in found]
        row = DrawnRow(
            line.key, line.title, activity["stage"], line.segregated, cells, sentences
        )
        drawn[-1].rows.append(row)
    return drawn


def wrong_roles(line: Line, problems: Iterable[Problem]) -> set[str]:
    """Whose cells break a rule; where a letter is missing from the whole row it is nobody's."""
    named = {one.role for one in problems if one.role}
    several = any(one.code == "R1" for one in problems)
    return named | (set(line.roles_with("A")) if several else set())


def offered(naming: str) -> list[tuple[str, str, str]]:
    """The letters a cell may be given: as kept, as shown, in words; single ones first."""
    order = sorted(letters_of(naming), key=lambda one: (len(one), "RASCI".find(one)))
    return [(one, shown(one, naming), words(one, naming)) for one in order]


@lru_cache(maxsize=200)
def options(letters: str, naming: str) -> SafeString:
    """The choices of a cell; letters that the naming does not know stay choosable, to be seen."""
    known = [("", "–", words("", naming)), *offered(naming)]
    if letters not in [value for value, _short, _words in known]:
        known.append((letters, shown(letters, naming), shown(letters, naming)))
    return format_html_join(
        "",
        '<option value="{}" label="{}"{}>{}</option>',
        (
            (value, short, SafeString(" selected") if value == letters else "", long)
            for value, short, long in known
        ),
    )
