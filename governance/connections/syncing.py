"""Takes over what another registry holds and compares the rest; idempotent, so a new start goes on.

Versions keep their numbers. Pointers move only through the registry's services, after its gate was
asked; what the gate refuses is a divergence. What is gone there is shown and never removed here.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from governance.connections import divergences
from governance.connections.client import Model, Pair, Reader, Version
from governance.connections.models import Connection, Divergence, RemoteModel, RemoteVersion
from governance.errors import DOMAIN_ERRORS, Conflict
from governance.outbound import Unreachable
from registry import services as registry
from registry import validation
from registry.errors import Invalid
from registry.gate import Change, Decision, get_gate
from registry.models import (
    IS_PROMPT,
    Alias,
    ModelVersion,
    PointerKind,
    RegisteredModel,
    Stage,
)
from registry.services.changing import all_or_nothing

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.jobs.handlers import Progress


@dataclass
class Outcome:
    """How many models were looked at, versions taken over, and what stood in the way."""

    models: int = 0
    new_versions: int = 0
    problems: int = 0
    divergences: int = 0

    def as_json(self) -> dict:
        return asdict(self)


def take_over(
    connection: Connection, *, actor: "User", progress: "Progress", only: str = ""
) -> Outcome:
    """Goes through every model of the other registry, or `only` one; one's trouble stops no other."""
    reader, outcome = Reader(connection), Outcome()
    names = [only] if only else sorted({one.name for one in reader.models()})
    for done, name in enumerate(names):
        progress(done, len(names), name)
        _take_model(connection, reader, name, actor, outcome)
        outcome.models += 1
    if not only:
        outcome.divergences += _gone(connection, names)
    return outcome


def _gone(connection: Connection, names: list[str]) -> int:
    """Notes the models taken over that the other registry no longer holds; returns how many."""
    links = connection.remote_models.exclude(name__in=names).exclude(model=None)
    gone = [one for one in links.select_related("model") if not one.model.is_deleted]
    for one in gone:
        sentence = f"{one.name} is no longer at {connection.name}: deleted or renamed there."
        divergences.see(connection, one.model, Divergence.Kind.MODEL_GONE, sentence)
    return len(gone)


def _take_model(
    connection: Connection, reader: Reader, name: str, actor: "User", outcome: Outcome
) -> None:
    link, _created = RemoteModel.objects.get_or_create(connection=connection, name=name)
    try:
        there = reader.model(name)
        model = _model_here(link, there, actor)
        problems = _describe(model, there.description, there.tags, actor)
        versions = reader.versions(name)
        for one in versions:
            problems += _take_version(link, model, one, actor, outcome)
        seen = _compare(connection, link, model, there, versions, actor)
        outcome.divergences += len(seen)
        divergences.resolve_others(connection, model, seen)
        link.problem = " ".join(problems)[:1000]
    except Unreachable:
        raise
    except DOMAIN_ERRORS as error:
        link.problem = error.sentence[:1000]
    outcome.problems += bool(link.problem)
    link.synced_at = timezone.now()
    link.save()


def _model_here(link: RemoteModel, there: Model, actor: "User") -> RegisteredModel:
    """The model here that the remote one became; made on the first look."""
    if link.model:
        if link.model.is_deleted:
            raise Conflict(f"{link.model} was deleted here and is not taken over again.")
        return link.model
    present = RegisteredModel.objects.live().filter(name=there.name).first()
    if present and (present.last_number or present.remotes.exclude(pk=link.pk).exists()):
        raise Conflict(f"There is another model called {there.name} here already.")
    tags, _problems = _clean_tags(there.tags)
    link.model = present or registry.create_model(there.name, actor=actor, tags=tags)
    link.remote_user, link.remote_created_at = there.user_id, _moment(there.creation_timestamp)
    link.save()
    return link.model


def _describe(
    subject: RegisteredModel | ModelVersion,
    description: str,
    tags: Iterable[Pair],
    actor: "User",
) -> list[str]:
    """Follows description and tags; a tag that is gone there stays here."""
    wanted, problems = _clean_tags(tags)
    present = dict(subject.tags.values_list("key", "value"))
    for key, value in wanted.items():
        if present.get(key) != value:
            registry.set_tag(subject, key, value, actor=actor)
    description = description[: validation.LONGEST_DESCRIPTION]
    if subject.description != description:
        update = (
            registry.update_model
            if isinstance(subject, RegisteredModel)
            else registry.update_version
        )
        update(subject, actor=actor, description=description)
    return problems


def _take_version(
    link: RemoteModel, model: RegisteredModel, there: Version, actor: "User", outcome: Outcome
) -> list[str]:
    taken = ModelVersion.objects.filter(remote__remote_model=link, number=there.version).first()
    if taken and taken.deleted_at:
        return []
    if taken:
        taken.model = model
        return _describe(taken, there.description, there.tags, actor)
    tags, problems = _clean_tags(there.tags)
    facts = {
        "description": there.description[: validation.LONGEST_DESCRIPTION],
        "tags": tags,
        "number": there.version,
        "run_link": _if_valid(validation.run_link, there.run_link),
        "run_id": there.run_id,
    }
    with all_or_nothing([model]):
        try:
            version = registry.create_version(model, actor=actor, source=there.source, **facts)
        except Invalid as error:
            problems.append(f"Version {there.version}: {error.sentence}")
            tags.pop(IS_PROMPT, None)
            version = registry.create_version(model, actor=actor, **facts)
        RemoteVersion.objects.create(
            version=version,
            remote_model=link,
            source=there.source[:2000],
            remote_user=there.user_id,
            remote_created_at=_moment(there.creation_timestamp),
        )
    outcome.new_versions += 1
    return problems


def _compare(
    connection: Connection,
    link: RemoteModel,
    model: RegisteredModel,
    there: Model,
    versions: list[Version],
    actor: "User",
) -> list[int]:
    """Follows each pointer the gate lets go, and notes the others and what is gone."""
    here = {
        one.number: one
        for one in model.versions.live()
        .filter(remote__remote_model=link)
        .select_related("model")
    }
    seen = []
    for stage in versions:
        if stage.version in here:
            seen += _follow_stage(connection, here[stage.version], stage.current_stage, actor)
    aliases = {one.alias: int(one.version) for one in there.aliases if one.version.isdigit()}
    for name, number in aliases.items():
        if number in here:
            seen += _follow_alias(connection, here[number], name, actor)
    for alias in Alias.objects.filter(model=model).exclude(name__in=aliases):
        sentence = f"{alias.name} is set for {model} here and not at {connection.name}."
        kind = Divergence.Kind.POINTER_GONE
        seen.append(
            divergences.see(
                connection,
                model,
                kind,
                sentence,
                pointer_kind=PointerKind.ALIAS,
                pointer=alias.name,
            ).pk
        )
    for number in here.keys() - {one.version for one in versions}:
        sentence = f"{here[number].label} is no longer at {connection.name}: deleted there."
        kind = Divergence.Kind.VERSION_GONE
        seen.append(divergences.see(connection, model, kind, sentence, version=here[number]).pk)
    return seen


def _follow_alias(
    connection: Connection, version: ModelVersion, name: str, actor: "User"
) -> list[int]:
    alias = (
        Alias.objects.filter(model=version.model, name=name).select_related("version").first()
    )
    previous = alias.version if alias else None
    if previous == version:
        return []
    change = Change(
        "set_alias", version.model, PointerKind.ALIAS, name, version, previous, actor
    )
    decision = get_gate().decide(change)
    if decision.allowed:
        registry.set_alias(version.model, name, version, actor=actor)
        return []
    return [_see_pointer(connection, version, PointerKind.ALIAS, name, decision)]


def _follow_stage(
    connection: Connection, version: ModelVersion, given: str, actor: "User"
) -> list[int]:
    stage = next((one for one in Stage if one.value.lower() == given.lower()), None)
    if stage is None or stage == version.stage:
        return []
    change = Change(
        "transition_stage", version.model, PointerKind.STAGE, stage, version, None, actor
    )
    decision = get_gate().decide(change) if stage != Stage.NONE else Decision(True, ())
    if decision.allowed:
        registry.transition_stage(version, stage, actor=actor)
        return []
    return [_see_pointer(connection, version, PointerKind.STAGE, stage, decision)]


def _see_pointer(
    connection: Connection,
    version: ModelVersion,
    pointer_kind: str,
    pointer: str,
    decision: Decision,
) -> int:
    sentence = (
        f"At {connection.name}, {pointer} points to {version.label}, which is not cleared here."
    )
    return divergences.see(
        connection,
        version.model,
        Divergence.Kind.POINTER,
        sentence,
        version=version,
        pointer_kind=pointer_kind,
        pointer=pointer,
        reasons=decision.reasons,
    ).pk


def _clean_tags(given: Iterable[Pair]) -> tuple[dict[str, str], list[str]]:
    """The tags this registry takes, and a sentence for each other."""
    clean, problems = {}, []
    for one in given:
        try:
            key, value = validation.tag(one.key, one.value)
            clean[key] = value
        except Invalid as error:
            problems.append(f"Tag {one.key[:50]}: {error.sentence}")
    return clean, problems


def _if_valid(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except Invalid:
        return ""


def _moment(milliseconds: int) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
