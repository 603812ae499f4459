"""What an object reads like now, as one short word, so that nobody overwrites what they have not seen."""

import hashlib
import json
from collections.abc import Collection

from registry.errors import Stale
from registry.models import ModelVersion, RegisteredModel

LENGTH = 24


def revision_of(subject: RegisteredModel | ModelVersion) -> str:
    """Changes with every text, tag, pointer or stage of the object; uses what has been prefetched."""
    facts = _of_version(subject) if isinstance(subject, ModelVersion) else _of_model(subject)
    tags = sorted((tag.key, tag.value) for tag in subject.tags.all())
    written = json.dumps([subject.pk, subject.updated_at.isoformat(), *facts, tags])
    return hashlib.sha256(written.encode()).hexdigest()[:LENGTH]


def check_unchanged(
    subject: RegisteredModel | ModelVersion, expected: Collection[str] | None
) -> None:
    """Refuses when the object, read under its lock, is none of the revisions the caller has seen.

    None means that the caller does not mind; an empty collection matches nothing.
    """
    if expected is None:
        return
    present = revision_of(subject)
    if present not in expected:
        raise Stale(
            f"{subject} has changed since you read it; read it again and decide anew.",
            revision=present,
            link=subject.get_absolute_url(),
        )


def _of_model(model: RegisteredModel) -> list:
    aliases = sorted((alias.name, alias.version_id) for alias in model.aliases.all())
    return ["model", model.name, model.description, model.last_number, aliases]


def _of_version(version: ModelVersion) -> list:
    aliases = sorted(alias.name for alias in version.aliases.all())
    return ["version", version.description, version.stage, aliases]
