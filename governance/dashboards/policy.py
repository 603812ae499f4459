"""What the page of a policy shows: the checklist in groups, how it stands, which models it is for."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.policies import inspection, vocabulary
from governance.policies.differences import applies_text
from governance.policies.document import ApprovalStep, PolicyDocument, duration_text
from governance.policies.inheritance import inherited
from governance.policies.models import PolicyVersion
from governance.policies.queries import Coverage, coverage
from governance.policies.rules import Rule
from governance.policies.source import Problem
from governance.usecases.models import UseCase
from raci.templates import titles as activity_titles

OVERALL, GROUPS, BASELINE, DATA = (
    "Over all rows",
    "Groups of people or cases",
    "Against the baseline",
    "The data it rests on",
)
DRIFT = {"psi", "js"}


@dataclass(frozen=True)
class Item:
    """A rule, and whether it came from the base."""

    rule: Rule
    is_inherited: bool


@dataclass(frozen=True)
class Step:
    """A signing step with the words of its activity in the default matrix."""

    step: ApprovalStep
    activity: str
    is_inherited: bool

    @property
    def due_in(self) -> str:
        return duration_text(self.step.due_in) if self.step.due_in else ""


@dataclass(frozen=True)
class Checklist:
    """A policy as people read it."""

    document: PolicyDocument
    groups: list[tuple[str, list[Item]]]
    steps: list[Step]
    applies: str
    valid_for: str

    @property
    def follow_up(self) -> list[str]:
        """What happens to a request that waits, a sentence each."""
        times = self.document.follow_up
        marks = ["half-way"] * times.half_way
        marks += [f"{duration_text(one)} before" for one in times.remind_before]
        return [
            f"Reminders {', '.join([*marks, 'when it is overdue'])}.",
            f"Overdue, a step goes on after {duration_text(times.escalate_after)}, and again after each.",
            f"Unsigned, the request ends {duration_text(times.expire_after)} past its due date.",
            f"Changes are handed in within {duration_text(times.changes_within)}, or it ends.",
        ]


@dataclass(frozen=True)
class TextLine:
    """One line of a text with its number, and what is wrong or worth a thought there."""

    number: int
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def checklist(document: PolicyDocument, text: str) -> Checklist:
    """The document in groups; `text` is its own text, which tells what was taken over."""
    taken = inherited(text, document)
    items: dict[str, list[Item]] = {OVERALL: [], GROUPS: [], BASELINE: [], DATA: []}
    for rule in document.rules:
        items[_group(rule)].append(Item(rule, rule.name in taken["rules"]))
    titles = activity_titles()
    steps = [
        Step(step, titles.get(step.activity, step.activity), step.step in taken["approvals"])
        for step in document.approvals
    ]
    return Checklist(
        document,
        [(title, found) for title, found in items.items() if found],
        steps,
        applies_text(document.applies_to),
        duration_text(document.valid_for),
    )


def text_lines(
    text: str, problems: Sequence[Problem], notes: Sequence[Problem], most: int
) -> list[TextLine]:
    """The first lines of a text, with its problems and notes where they stand."""

    def at(number: int, told: Sequence[Problem]) -> tuple[Problem, ...]:
        return tuple(one for one in told if one.line == number)

    count = min(text.count("\n") + 1, most)
    return [TextLine(one, at(one, problems), at(one, notes)) for one in range(1, count + 1)]


def reach(version: PolicyVersion, use_cases: Sequence[UseCase]) -> list[Coverage]:
    """The models for which the version is, or would be once published, with what stands against it."""
    found = coverage(use_cases, candidate=None if version.is_published else version)
    return [one for one in found if version in one.applicable.matching]


def compared(
    version: PolicyVersion, versions: list[PolicyVersion], against: int | None = None
) -> inspection.Compared:
    """What changed since the version with that number, else since the one in force or before."""
    chosen = next((one for one in versions if one.number == against), None)
    return inspection.compared(version, chosen or inspection.former(version, versions))


def _group(rule: Rule) -> str:
    if rule.metric == vocabulary.AGE or rule.measure in DRIFT:
        return DATA
    if rule.is_relative:
        return BASELINE
    return GROUPS if rule.slice_fields or rule.compares_groups else OVERALL
