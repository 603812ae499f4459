"""The acts on what may be served: aliases and stages. Each asks the gate under the model's lock."""

from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from registry import queries, signals, validation
from registry.errors import Invalid, NotFound
from registry.gate import Change
from registry.models import Alias, ModelVersion, PointerKind, RegisteredModel, Stage
from registry.services.asking import ask, write_move
from registry.services.changing import changing, tell, touch

SERVING_STAGES = {Stage.STAGING, Stage.PRODUCTION}


def set_alias(
    model: RegisteredModel,
    name: str,
    version: ModelVersion,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> Alias:
    """Points the alias at the version. Asking again for what is already so is asked of the gate too."""
    name = validation.alias_name(name)
    with changing(
        model,
        signals.ALIAS_SET,
        actor=actor,
        right="move_alias",
        expected=expected,
        alias=name,
        version=str(version),
    ) as locked:
        version = _own_version(locked, version)
        alias = _alias(locked, name)
        previous = alias.version if alias else None
        change = Change("set_alias", locked, PointerKind.ALIAS, name, version, previous, actor)
        decision = ask(change)
        if alias and previous == version:
            return alias
        alias = _point(alias or Alias(model=locked, name=name), version)
        write_move(change, decision)
        touch(locked)
        _tell_move(signals.ALIAS_SET, change, decision.reasons)
    return alias


def delete_alias(
    model: RegisteredModel,
    name: str,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> None:
    """Takes the alias away; an alias that is not there is left so."""
    with changing(
        model,
        signals.ALIAS_DELETED,
        actor=actor,
        right="move_alias",
        expected=expected,
        alias=name,
    ) as locked:
        alias = _alias(locked, name)
        if alias is None:
            return
        change = Change(
            "delete_alias", locked, PointerKind.ALIAS, name, None, alias.version, actor
        )
        decision = ask(change)
        alias.delete()
        write_move(change, decision)
        touch(locked)
        _tell_move(signals.ALIAS_DELETED, change, decision.reasons)


def transition_stage(
    version: ModelVersion,
    stage: str,
    *,
    actor: AbstractBaseUser,
    archive_existing: bool = False,
    expected: Collection[str] | None = None,
) -> ModelVersion:
    """Moves the version to a stage, and with `archive_existing` the others in it to the archive."""
    stage = _stage(stage, archive_existing=archive_existing)
    with changing(
        version.model,
        signals.STAGE_CHANGED,
        actor=actor,
        right="move_alias",
        subject=version,
        expected=expected,
        stage=stage,
    ) as locked:
        version = _own_version(locked, version)
        others = locked.versions.live().filter(stage=stage).exclude(pk=version.pk)
        for other in others.order_by("number") if archive_existing else []:
            _move_to_stage(locked, other, Stage.ARCHIVED, actor)
        _move_to_stage(locked, version, stage, actor)
        touch(locked)
    return version


def _alias(model: RegisteredModel, name: str) -> Alias | None:
    named = Alias.objects.order_by().select_related("version").filter(model=model, name=name)
    for alias in named:
        alias.version.model = model
        return alias
    return None


def _point(alias: Alias, version: ModelVersion) -> Alias:
    alias.version = version
    alias.save()
    return alias


def _move_to_stage(
    model: RegisteredModel, version: ModelVersion, stage: Stage, actor: AbstractBaseUser
) -> None:
    """Leaves one stage and enters another; the gate is asked about both."""
    before = Stage(version.stage)
    left = Change("transition_stage", model, PointerKind.STAGE, before, None, version, actor)
    entered = Change("transition_stage", model, PointerKind.STAGE, stage, version, None, actor)
    changes = [
        change
        for change in (left if before != stage else None, entered)
        if change and change.pointer != Stage.NONE
    ]
    decisions = [ask(change) for change in changes]
    if before == stage:
        return
    version.stage, version.updated_at = stage, timezone.now()
    version.save(update_fields=["stage", "updated_at"])
    for change, decision in zip(changes, decisions, strict=True):
        write_move(change, decision)
    tell(signals.STAGE_CHANGED, version, actor=actor, before=before, after=stage)


def _stage(given: str, *, archive_existing: bool) -> Stage:
    stage = validation.stage(given)
    if archive_existing and stage not in SERVING_STAGES:
        raise Invalid(
            "Existing versions are archived only on the way to Staging or Production.",
            field="archive_existing",
        )
    return stage


def _own_version(model: RegisteredModel, version: ModelVersion) -> ModelVersion:
    if version.model_id != model.pk:
        raise NotFound(f"{version} is not a version of {model}.", field="version")
    if version.model.updated_at == model.updated_at:
        version.model = model  # whatever takes a version away also touches its model
        return version
    return queries.live_version(model, version.number)


def _tell_move(event: str, change: Change, reasons: tuple[str, ...]) -> None:
    tell(
        event,
        change.model,
        actor=change.actor,
        alias=change.pointer,
        before=str(change.previous or ""),
        after=str(change.version or ""),
        reasons=list(reasons),
    )
