"""Policies as files of a folder, `<name>.yaml` each, so that they can live in git."""

from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from governance.errors import GovernanceError, Invalid
from governance.policies import services
from governance.policies.document import InvalidPolicy, read_mapping
from governance.policies.inheritance import Base, resolve
from governance.policies.models import PolicyVersion
from governance.policies.queries import find_base, published_version
from governance.policies.source import Problem
from governance.policies.surroundings import surroundings_of

if TYPE_CHECKING:
    from governance.accounts.models import User

LARGEST = 1_048_576


@dataclass(frozen=True)
class PolicyFile:
    """The text of one file; its name is the policy's."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True)
class Told:
    """What is said of a file: `file:line:column: sentence`, as editors and CI read it."""

    path: Path
    sentence: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.path.name}{place}: {self.sentence}"


def write_folder(folder: Path) -> list[Path]:
    """Writes every policy in force to the folder; files of the same text are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for version in PolicyVersion.objects.published().order_by("policy__name"):
        path = folder / f"{version.policy.name}.yaml"
        if not path.exists() or path.read_bytes() != version.text.encode():
            path.write_bytes(version.text.encode())
            written.append(path)
    return written


def read_folder(folder: Path) -> tuple[list[PolicyFile], list[Told]]:
    """Reads the files, those first that others extend; and what cannot be read."""
    found, unreadable = {}, []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = PolicyFile(path, _read(path))
        except Invalid as error:
            unreadable.append(Told(path, error.sentence))
    try:
        order = TopologicalSorter({name: _extended(one) for name, one in found.items()})
        return [found[name] for name in order.static_order() if name in found], unreadable
    except CycleError as error:
        names = " → ".join(error.args[1])
        return list(found.values()), [
            *unreadable,
            Told(folder, f"These extend one another: {names}."),
        ]


def check_files(files: list[PolicyFile]) -> list[Told]:
    """Checks each file against the bases of the folder, else against those in force."""
    texts = {one.name: one for one in files}

    def base(name: str) -> Base | None:
        return _base_in(texts[name], base) if name in texts else find_base(name)

    return [told for one in files for told in _problems(one, base)]


def import_files(
    files: list[PolicyFile], *, author: "User", publisher: "User | None" = None
) -> tuple[list[Told], list[Told]]:
    """Takes each file as a draft, and with a publisher through the review into force.

    Returns what was done and what was refused; a refused file stops none of the others.
    """
    done, refused = [], []
    for one in files:
        try:
            done.append(Told(one.path, _import(one, author, publisher)))
        except InvalidPolicy as error:
            refused += [_told(one, problem) for problem in error.problems]
        except GovernanceError as error:
            refused.append(Told(one.path, error.sentence))
    return done, refused


def _import(one: PolicyFile, author: "User", publisher: "User | None") -> str:
    version, outcome = services.put(one.name, one.text, actor=author)
    if publisher is not None and not version.is_published:
        if version.is_draft:
            version = services.submit(version, actor=author)
        version = services.publish(version, actor=publisher)
        return f"{version.label} is in force."
    return f"{version.label} is {outcome.value}."


def _problems(one: PolicyFile, base: Callable[[str], Base | None]) -> list[Told]:
    try:
        called = resolve(one.text, base, surroundings_of).document.policy
    except InvalidPolicy as error:
        return [_told(one, problem) for problem in error.problems]
    except RecursionError:
        return [Told(one.path, "These policies extend one another.")]
    if called != one.name:
        return [
            Told(one.path, f"The text says “policy: {called}”, but the file is {one.name}.")
        ]
    return []


def _base_in(one: PolicyFile, base: Callable[[str], Base | None]) -> Base | None:
    """The policy of a file as a base: the version in force if the text is the same, else the next."""
    present = published_version(one.name)
    if present is not None and present.text == one.text:
        return find_base(one.name)
    try:
        resolved = resolve(one.text, base)
    except InvalidPolicy:
        return None
    number = present.number + 1 if present else 1
    digest = f"sha256:{sha256(resolved.text.encode()).hexdigest()}"
    return Base(one.name, number, digest, resolved.document)


def _extended(one: PolicyFile) -> set[str]:
    """What the file extends, as far as it can be read at all."""
    try:
        extended = read_mapping(one.text).data.get("extends")
    except InvalidPolicy:
        return set()
    return {extended} if isinstance(extended, str) and extended != one.name else set()


def _read(path: Path) -> str:
    """Reads a file as git wrote it; too large and unreadable ones are told, not raised through."""
    with path.open("rb") as file:
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Invalid("The file is larger than 1 MB.")
    try:
        return body.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Invalid("The file is not text in UTF-8.") from None


def _told(one: PolicyFile, problem: Problem) -> Told:
    return Told(one.path, problem.sentence, problem.line, problem.column)
