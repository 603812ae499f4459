"""A policy that extends another takes over all of it and may only ask for more; pure, stores nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import yaml
from pydantic import BaseModel

from governance.policies.checks import Checked, LookAround, alone, check_placed
from governance.policies.differences import Change, differences
from governance.policies.document import (
    InvalidPolicy,
    OwnDocument,
    PolicyDocument,
    read_own,
    understand,
)
from governance.policies.document import read as read_whole
from governance.policies.source import Path, Problem, Source
from governance.policies.strictness import Direction

EXTENDS: Path = ("extends",)
# Lists whose entries are merged by name: the key and the attribute that names an entry.
NAMED = {"rules": "name", "approvals": "step"}
# Never taken over: they say what the policy is, not what it asks for.
OWN_ONLY = {"policy", "extends", "base", "applies_to"}


@dataclass(frozen=True)
class Base:
    """A published version that others extend; `lineage` names what it extends itself."""

    name: str
    number: int
    digest: str
    document: PolicyDocument
    lineage: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} v{self.number}"


FindBase = Callable[[str], Base | None]


@dataclass(frozen=True)
class Resolved:
    """A text with all it takes over: `text` is whole and can be judged by without the base."""

    text: str
    document: PolicyDocument
    notes: tuple[Problem, ...]
    base: Base | None = None


def no_base(_name: str) -> None:
    """Finds no policy: for texts that must stand alone."""
    return


def resolve(
    text: str, find_base: FindBase = no_base, look_around: LookAround = alone
) -> Resolved:
    """Reads, completes and checks a text; raises InvalidPolicy with the places in the text itself."""
    own, source = read_own(text)
    if not isinstance(own, OwnDocument):
        return _checked(text, check_placed(own, source, look_around))
    base = _found(own, source, find_base)
    merged = Source(_merged(own, base.document), _places(own, base.document, source))
    document = _understood(merged, base)
    _refuse_looser(document, base, merged, look_around)
    whole = whole_text(document, base)
    return _checked(whole, check_placed(document, merged, look_around), base)


def looser(document: PolicyDocument, base: Base) -> list[Change]:
    """Lists what a policy asks less for, or otherwise, than the base it extends."""
    return [
        one
        for one in differences(base.document, document)
        if one.direction == Direction.LOOSER or one.fixed
    ]


def inherited(text: str, document: PolicyDocument) -> dict[str, frozenset[str]]:
    """Names the rules and steps of a whole document that its own text does not have."""
    own, _source = read_own(text)
    if not isinstance(own, OwnDocument):
        return {key: frozenset() for key in NAMED}
    return {
        key: frozenset(
            getattr(one, name)
            for one in getattr(document, key)
            if _key(getattr(one, name))
            not in {_key(getattr(mine, name)) for mine in getattr(own, key)}
        )
        for key, name in NAMED.items()
    }


def whole_text(document: PolicyDocument, base: Base) -> str:
    """Writes the whole document as YAML that reads to an equal one, and says where it came from."""
    said = yaml.safe_dump(_data(document), sort_keys=False, allow_unicode=True, width=1000)
    text = f"# With what it takes over from {base.label} ({base.digest}).\n{said}"
    try:
        read_whole(text)
    except InvalidPolicy as error:
        sentence = f"Together with {base.label}: {error.problems[0].sentence}"
        raise InvalidPolicy([Problem(sentence, 1, 1)]) from None
    return text


def _checked(text: str, checked: Checked, base: Base | None = None) -> Resolved:
    return Resolved(text, checked.document, checked.notes, base)


def _found(own: OwnDocument, source: Source, find_base: FindBase) -> Base:
    base = find_base(own.extends)
    if base is None:
        sentence = f"No version of “{own.extends}” is published, so it cannot be extended."
        raise InvalidPolicy([Problem(sentence, *source.place(EXTENDS))])
    if own.policy in base.lineage:
        sentence = f"{base.label} extends {own.policy} itself, so it cannot be extended by it."
        raise InvalidPolicy([Problem(sentence, *source.place(EXTENDS))])
    return base


def _understood(merged: Source, base: Base) -> PolicyDocument:
    """What the two say together may still be no policy, for example 101 rules."""
    try:
        return understand(merged)
    except InvalidPolicy as error:
        problems = [
            Problem(f"Together with {base.label}: {one.sentence}", one.line, one.column)
            for one in error.problems
        ]
        raise InvalidPolicy(problems) from None


def _refuse_looser(
    document: PolicyDocument, base: Base, merged: Source, look_around: LookAround
) -> None:
    """Tells what asks for less, together with the mistakes there are besides."""
    problems = [
        Problem(_refusal(one, base), *merged.place(one.path)) for one in looser(document, base)
    ]
    if not problems:
        return
    try:
        check_placed(document, merged, look_around)
    except InvalidPolicy as error:
        problems += error.problems
    raise InvalidPolicy(sorted(problems, key=lambda one: (one.line, one.column)))


def _refusal(change: Change, base: Base) -> str:
    if change.direction == Direction.LOOSER:
        return f"This asks for less than {base.label}: {change.sentence}"
    return f"This asks for something else than {base.label}, which must stay: {change.sentence}"


def _merged(own: OwnDocument, base: PolicyDocument) -> dict:
    """The data of both: the own text's where it says something, else the base's."""
    mine, theirs = _data(own, only_said=True), _data(base)
    merged = {key: mine[key] for key in OWN_ONLY & set(mine)}
    for key in PolicyDocument.model_fields:
        if key in OWN_ONLY:
            continue
        if key in NAMED:
            merged[key] = _merged_list(key, own, base, mine, theirs)
        elif isinstance(mine.get(key), dict) and isinstance(theirs.get(key), dict):
            merged[key] = {**theirs[key], **mine[key]}
        elif key in mine:
            merged[key] = mine[key]
        elif key in theirs:
            merged[key] = theirs[key]
    return merged


def _merged_list(
    key: str, own: OwnDocument, base: PolicyDocument, mine: dict, theirs: dict
) -> list:
    """The entries of both by name: the own text's completed by the base's, else the base's."""
    said, taken = _positions(key, own), _positions(key, base)
    entries = []
    for name in _order(key, own, base):
        entry = mine[key][said[name]] if name in said else theirs[key][taken[name]]
        if name in said and name in taken and isinstance(entry, dict):
            entry = {**theirs[key][taken[name]], **entry}
        entries.append(entry)
    return entries


def _positions(key: str, document: PolicyDocument) -> dict[str, int]:
    return {_key(getattr(one, NAMED[key])): n for n, one in enumerate(getattr(document, key))}


def _order(key: str, own: OwnDocument, base: PolicyDocument) -> list[str]:
    """The base's names first, unless the own text has them all: then it says the order."""
    said, taken = _positions(key, own), _positions(key, base)
    if set(taken) <= set(said):
        return list(said)
    return [*taken, *(name for name in said if name not in taken)]


def _places(
    own: OwnDocument, base: PolicyDocument, source: Source
) -> dict[Path, tuple[int, int]]:
    """Where each part of the merged document stands: in the own text, or at its “extends”."""
    taken_over = source.place(EXTENDS)
    places = dict.fromkeys(((key,) for key in PolicyDocument.model_fields), taken_over)
    places[()] = source.place(())
    for path, place in source.places.items():
        if path and path[0] not in NAMED:
            places[path] = place
    for key in NAMED:
        if (key,) in source.places:
            places[(key,)] = source.places[(key,)]
        said = _positions(key, own)
        for position, entry in enumerate(_order(key, own, base)):
            places[(key, position)] = taken_over
            if entry in said:
                places |= _moved(source, (key, said[entry]), (key, position))
    return places


def _moved(source: Source, before: Path, after: Path) -> dict[Path, tuple[int, int]]:
    """The places below one path, as places below another."""
    return {
        (*after, *path[len(before) :]): place
        for path, place in source.places.items()
        if path[: len(before)] == before
    }


def _key(name: str) -> str:
    return name.lower()


def _data(document: BaseModel, *, only_said: bool = False) -> dict:
    """The plain data of which a text is written, in the order of the form."""
    data = document.model_dump(mode="json", exclude_unset=only_said)
    if "rules" in data:
        data["rules"] = [str(rule) for rule in document.rules]
    if not data.get("base"):
        data.pop("base", None)
    return _without_nothing(data)


def _without_nothing(value: object) -> object:
    """Leaves out keys without a value, which the form fills in again."""
    if isinstance(value, dict):
        said = {key: one for key, one in value.items() if one is not None and one != ""}
        return {key: _without_nothing(one) for key, one in said.items()}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value
