"""What the server thinks of a text, a version against another, and a base that moved on; changes nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from governance.accounts.queries import may_edit_policies
from governance.policies.checks import alone
from governance.policies.differences import (
    Change,
    Line,
    differences,
    text_differences,
)
from governance.policies.document import InvalidPolicy
from governance.policies.inheritance import Resolved, looser, resolve
from governance.policies.models import PolicyVersion
from governance.policies.queries import base_of, find_base, published_version
from governance.policies.source import Problem
from governance.policies.surroundings import surroundings_of

if TYPE_CHECKING:
    from governance.accounts.models import User


@dataclass(frozen=True)
class Inspected:
    """A text as it was understood, or the problems because of which it was not."""

    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    resolved: Resolved | None = None


@dataclass(frozen=True)
class Compared:
    """What changed from an earlier version to a later one; nothing where there is no earlier."""

    before: PolicyVersion | None
    changes: tuple[Change, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class BaseStanding:
    """How a version stands to its base today: `newest` is in force, `missing` is what it lacks."""

    sentence: str
    newest: PolicyVersion | None
    missing: tuple[Change, ...] = ()
    is_current: bool = False


def inspect(text: str, name: str = "", *, user: "User | None" = None) -> Inspected:
    """Reads and checks a text that nobody saves; mistakes are answers, not errors.

    What use cases, data and people it would meet is told to those only who may save it; without
    a user the text is checked by itself, which is quick.
    """
    look_around = surroundings_of if user and may_edit_policies(user) else alone
    try:
        resolved = resolve(text, find_base, look_around)
    except InvalidPolicy as error:
        return Inspected(error.problems)
    called = resolved.document.policy
    if name and called != name:
        sentence = f"The text says “policy: {called}”, but this is {name}."
        return Inspected((Problem(sentence, 1, 1),))
    return Inspected((), resolved.notes, resolved)


def compared(version: PolicyVersion, before: PolicyVersion | None) -> Compared:
    if before is None:
        return Compared(None)
    return Compared(
        before,
        tuple(differences(before.parsed, version.parsed)),
        tuple(text_differences(before.text, version.text)),
    )


def former(version: PolicyVersion, versions: list[PolicyVersion]) -> PolicyVersion | None:
    """The version to compare with: for what is not in force yet the one that is, else the one before."""
    if not version.was_in_force:
        in_force = [one for one in versions if one.is_published]
        if in_force:
            return in_force[0]
    earlier = [one for one in versions if one.number < version.number]
    ever_in_force = [one for one in earlier if one.was_in_force]
    return max(ever_in_force or earlier, key=lambda one: one.number, default=None)


def base_standing(version: PolicyVersion) -> BaseStanding | None:
    """Whether the base that was taken over is still the one in force; None without a base."""
    base = version.base_version
    if base is None:
        return None
    newest = published_version(base.policy.name)
    if newest is None:
        sentence = f"{base.label} is out of force; what was taken over from it stays."
        return BaseStanding(sentence, None)
    if newest == base:
        return BaseStanding(f"Takes over {base.label}, which is in force.", newest, (), True)
    missing = tuple(looser(version.parsed, base_of(newest)))
    act = "save the draft again" if version.is_draft else "draft a new version"
    sentence = f"{newest.label} is out; {act} to take it over."
    still = " The present text asks for less than it." if missing else ""
    still = still or " The present text is still as strict."
    return BaseStanding(sentence + still, newest, missing)
