"""The acts on tags of models and versions."""

from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser

from registry import queries, signals, validation
from registry.models import ModelTag, ModelVersion, RegisteredModel, VersionTag
from registry.services.changing import changing, tell

Subject = RegisteredModel | ModelVersion


def set_tag(
    subject: Subject,
    key: str,
    value: str,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> ModelTag | VersionTag:
    """Sets or replaces a tag; refuses the server's own prefix."""
    key, value = validation.tag(key, value)
    with changing(
        _model_of(subject),
        signals.TAG_SET,
        actor=actor,
        right="register_version",
        subject=subject,
        expected=expected,
        key=key,
    ) as locked:
        tag, _created = _tags(subject, locked).update_or_create(
            key=key, defaults={"value": value}
        )
        tell(signals.TAG_SET, subject, actor=actor, key=key, value=value[:500])
    return tag


def delete_tag(
    subject: Subject,
    key: str,
    *,
    actor: AbstractBaseUser,
    expected: Collection[str] | None = None,
) -> None:
    """Takes a tag away; one that is not there is left so."""
    key = validation.tag_key(key)
    with changing(
        _model_of(subject),
        signals.TAG_DELETED,
        actor=actor,
        right="register_version",
        subject=subject,
        expected=expected,
        key=key,
    ) as locked:
        gone, _by_model = _tags(subject, locked).filter(key=key).delete()
        if gone:
            tell(signals.TAG_DELETED, subject, actor=actor, key=key)


def _model_of(subject: Subject) -> RegisteredModel:
    return subject if isinstance(subject, RegisteredModel) else subject.model


def _tags(subject: Subject, locked: RegisteredModel):  # noqa: ANN202 - a related manager
    if isinstance(subject, RegisteredModel):
        return locked.tags
    return queries.live_version(locked, subject.number).tags
