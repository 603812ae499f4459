"""The acts on a model itself: register, describe, rename, delete."""

from collections.abc import Collection, Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry import queries, signals, validation
from registry.errors import Conflict, NotAllowed
from registry.gate import Change
from registry.models import Alias, ModelTag, RegisteredModel
from registry.services.asking import ask, write_move
from registry.services.changing import changing, tell, tell_refusal, touch


def create_model(
    name: str,
    *,
    actor: AbstractBaseUser,
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> RegisteredModel:
    """Registers a model; refuses a name that a live model has."""
    name = validation.model_name(name)
    description = validation.text(description, "description")
    clean = validation.tags(tags)
    if not actor.has_perm("registry.add_registeredmodel"):
        refusal = NotAllowed("You may not register models; ask an administrator.")
        attempt = RegisteredModel(name=name)
        tell_refusal(refusal, signals.MODEL_CREATED, attempt, actor=actor)
        raise refusal
    try:
        with transaction.atomic(durable=True):
            model = RegisteredModel.objects.create(
                name=name, description=description, created_by=actor
            )
            ModelTag.objects.bulk_create(
                ModelTag(model=model, key=key, value=value) for key, value in clean.items()
            )
            tell(signals.MODEL_CREATED, model, actor=actor, tags=clean)
    except IntegrityError as error:
        raise _name_taken(name) if _is_name_clash(error) else error from None
    return model


def update_model(
    model: RegisteredModel,
    *,
    actor: AbstractBaseUser,
    description: str,
    expected: Collection[str] | None = None,
) -> RegisteredModel:
    """Replaces the description."""
    description = validation.text(description, "description")
    with changing(
        model,
        signals.MODEL_UPDATED,
        actor=actor,
        right="register_version",
        expected=expected,
    ) as locked:
        before, locked.description = locked.description, description
        touch(locked, "description")
        tell(signals.MODEL_UPDATED, locked, actor=actor, before=before, after=description)
    return locked


def rename_model(
    model: RegisteredModel,
    new_name: str,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> RegisteredModel:
    """Gives the model another name; asks the gate for every pointer that readers follow by name."""
    new_name = validation.model_name(new_name)
    try:
        with changing(
            model,
            signals.MODEL_RENAMED,
            actor=actor,
            right="manage",
            expected=expected,
            after=new_name,
        ) as locked:
            decisions = [ask(change) for change in _changes(locked, "rename_model", actor)]
            before, locked.name = locked.name, new_name
            touch(locked, "name")
            tell(
                signals.MODEL_RENAMED,
                locked,
                actor=actor,
                before=before,
                after=new_name,
                decisions=[decision.as_json() for decision in decisions],
            )
    except IntegrityError as error:
        raise _name_taken(new_name) if _is_name_clash(error) else error from None
    return locked


def delete_model(
    model: RegisteredModel,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> None:
    """Takes the model out of use with its pointers; its history stays and its name is free again."""
    with changing(
        model, signals.MODEL_DELETED, actor=actor, right="manage", expected=expected
    ) as locked:
        for change in _changes(locked, "delete_model", actor):
            write_move(change, ask(change))
        Alias.objects.filter(model=locked).delete()
        locked.deleted_at = timezone.now()
        touch(locked, "deleted_at")
        tell(signals.MODEL_DELETED, locked, actor=actor)


def _changes(model: RegisteredModel, kind: str, actor: AbstractBaseUser) -> list[Change]:
    """One change for each pointer of the model; a rename leaves the pointers where they are."""
    return [
        Change(
            kind=kind,
            model=model,
            pointer_kind=pointer_kind,
            pointer=pointer,
            version=version if kind == "rename_model" else None,
            previous=version,
            actor=actor,
        )
        for pointer_kind, pointer, version in queries.pointers(model)
    ]


def _is_name_clash(error: IntegrityError) -> bool:
    return "model_name_once_among_live" in str(error)


def _name_taken(name: str) -> Conflict:
    return Conflict(f"There is a model called {name} already.", code="name_taken", field="name")
