"""The acts on versions: register, describe, delete. What a version is made of never changes."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from registry import queries, signals, validation
from registry.errors import Conflict, Invalid, NotFound
from registry.gate import Change
from registry.models import (
    IS_PROMPT,
    Alias,
    Artifact,
    ModelVersion,
    RegisteredModel,
    VersionTag,
)
from registry.services.asking import ask, write_move
from registry.services.changing import changing, tell, touch

RUN_IN_SOURCE = re.compile(r"runs:/([^/]+)(/|$)")
LOGGED_MODEL_IN_SOURCE = re.compile(r"models:/(m-[^/@]+)/?")
LARGEST_NUMBER = 2**31
VERSION_IN_SOURCE = re.compile(r"models:/([^/@]+)/(\d{1,10})")


def create_version(
    model: RegisteredModel,
    *,
    actor: AbstractBaseUser,
    source: str = "",
    digest: str = "",
    run_id: str = "",
    model_id: str = "",
    run_link: str = "",
    description: str = "",
    tags: Mapping[str, str] | None = None,
    parent: ModelVersion | None = None,
    code_commit: str = "",
    training_data: str = "",
    training_data_digest: str = "",
    base_model: str = "",
    container_digest: str = "",
    environment_digest: str = "",
    parameters: Mapping[str, Any] | None = None,
    number: int | None = None,
) -> ModelVersion:
    """Registers the next version of the model; its number is never used again.

    Who takes a version over from elsewhere gives its `number` there; numbers left out stay unused.
    """
    clean = validation.tags(tags)
    is_prompt = clean.get(IS_PROMPT) == "true"
    source = validation.prompt_source(source) if is_prompt else validation.source(source)
    origin = _origin(source, actor)
    if origin:
        run_id, model_id = _same_lineage(origin, run_id, model_id)
        parent = parent or origin
    facts = {
        "source": source,
        "digest": validation.digest(digest),
        "run_id": _named_in(source, RUN_IN_SOURCE, run_id, "run_id"),
        "logged_model_id": _named_in(source, LOGGED_MODEL_IN_SOURCE, model_id, "model_id"),
        "run_link": validation.run_link(run_link),
        "description": validation.text(description, "description"),
        "code_commit": validation.word(code_commit, "code_commit", longest=250),
        "training_data": validation.word(training_data, "training_data", longest=500),
        "training_data_digest": validation.digest(training_data_digest, "training_data_digest"),
        "base_model": validation.word(base_model, "base_model", longest=500),
        "container_digest": validation.digest(container_digest, "container_digest"),
        "environment_digest": validation.digest(environment_digest, "environment_digest"),
        "parameters": validation.parameters(parameters),
    }
    with changing(
        model, signals.VERSION_CREATED, actor=actor, right="register_version"
    ) as locked:
        _check_parent(parent, actor)
        locked.last_number = _next_number(locked, number)
        touch(locked, "last_number")
        version = ModelVersion.objects.create(
            model=locked, number=locked.last_number, parent=parent, created_by=actor, **facts
        )
        if is_prompt:
            _check_prompt(locked)
        if origin:
            _copy_artifact(origin, version)
        VersionTag.objects.bulk_create(
            VersionTag(version=version, key=key, value=value) for key, value in clean.items()
        )
        tell(
            signals.VERSION_CREATED,
            version,
            actor=actor,
            source=source,
            digest=version.digest,
            parent=str(parent) if parent else "",
            tags=clean,
        )
    return version


def update_version(
    version: ModelVersion,
    *,
    actor: AbstractBaseUser,
    description: str,
    expected: Collection[str] | None = None,
) -> ModelVersion:
    """Replaces the description, the one text of a version that may change."""
    description = validation.text(description, "description")
    with changing(
        version.model,
        signals.VERSION_UPDATED,
        actor=actor,
        right="register_version",
        subject=version,
        expected=expected,
    ) as locked:
        version = queries.live_version(locked, version.number)
        before, version.description = version.description, description
        version.updated_at = timezone.now()
        version.save(update_fields=["description", "updated_at"])
        tell(signals.VERSION_UPDATED, version, actor=actor, before=before, after=description)
    return version


def delete_version(
    version: ModelVersion,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> None:
    """Takes the version out of use and its pointers away, if the gate lets each of them go."""
    with changing(
        version.model,
        signals.VERSION_DELETED,
        actor=actor,
        right="manage",
        subject=version,
        expected=expected,
    ) as locked:
        version = queries.live_version(locked, version.number)
        for pointer_kind, pointer, held in queries.pointers(locked):
            if held == version:
                change = Change(
                    "delete_version", locked, pointer_kind, pointer, None, version, actor
                )
                write_move(change, ask(change))
        Alias.objects.filter(version=version).delete()
        version.deleted_at = version.updated_at = timezone.now()
        version.save(update_fields=["deleted_at", "updated_at"])
        touch(locked)
        tell(signals.VERSION_DELETED, version, actor=actor)


def _next_number(model: RegisteredModel, wanted: int | None) -> int:
    if wanted is None:
        return model.last_number + 1
    if not model.last_number < wanted < LARGEST_NUMBER:
        raise Conflict(
            f"{model.name} has come to version {model.last_number} already, so {wanted} cannot follow."
        )
    return wanted


def _named_in(source: str, pattern: re.Pattern[str], given: str, field: str) -> str:
    """The id given, or the one the source names; refuses two that differ."""
    given = validation.word(given, field, longest=250)
    found = pattern.match(source)
    if found and given and found[1] != given:
        raise Invalid(f"The source names {found[1]}, not {given}.", field=field)
    return given or (validation.word(found[1], field, longest=250) if found else "")


def _origin(source: str, actor: AbstractBaseUser) -> ModelVersion | None:
    """The version that is copied, if the source names one of this registry."""
    found = VERSION_IN_SOURCE.fullmatch(source)
    if found is None:
        if source.startswith("models:/") and not LOGGED_MODEL_IN_SOURCE.fullmatch(source):
            raise Invalid(
                "A source in this registry is models:/<name>/<number>, a logged model models:/m-….",
                field="source",
            )
        return None
    try:
        origin = queries.version_numbered(unquote(found[1]), found[2], user=actor)
    except NotFound as error:
        raise Invalid(f"The source {source} is not here: {error}", field="source") from None
    if origin.tags.filter(key=IS_PROMPT, value="true").exists():
        raise Invalid(f"{origin.label} is a prompt, which no model is made of.", field="source")
    return origin


def _same_lineage(origin: ModelVersion, run_id: str, model_id: str) -> tuple[str, str]:
    """A copy comes from the run of its origin; refuses another."""
    for given, own, field in (
        (run_id, origin.run_id, "run_id"),
        (model_id, origin.logged_model_id, "model_id"),
    ):
        if given and own and given != own:
            raise Invalid(f"{origin.label} comes from {own}, not from {given}.", field=field)
    return run_id or origin.run_id, model_id or origin.logged_model_id


def _copy_artifact(origin: ModelVersion, version: ModelVersion) -> None:
    """A copy's files are where those of its origin are, whatever becomes of the origin."""
    pinned = Artifact.objects.filter(version=origin).first()
    artifact = pinned or Artifact(location=origin.source, digest=origin.digest)
    if artifact.location:
        artifact.pk, artifact.version, artifact._state.adding = None, version, True
        artifact.save()


def _check_prompt(model: RegisteredModel) -> None:
    if not model.tags.filter(key=IS_PROMPT, value="true").exists():
        raise Invalid(
            f"{model.name} is a model; a prompt's version belongs to a prompt.", field="tags"
        )


def _check_parent(parent: ModelVersion | None, actor: AbstractBaseUser) -> None:
    if parent and not ModelVersion.objects.visible_to(actor).filter(pk=parent.pk).exists():
        raise NotFound("The parent version is not there.", field="parent")
