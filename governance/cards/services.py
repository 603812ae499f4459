"""The acts on cards: writing texts and confirming those carried over; the only writer of revisions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from governance.audit import services as audit
from governance.audit.events import Event
from governance.cards import queries
from governance.cards.models import TEXTS, CardRevision
from governance.cards.queries import Writing
from governance.errors import Conflict, Invalid, NotAllowed, NotFound
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User


def revise(version: ModelVersion, *, actor: "User", **texts: str) -> CardRevision:
    """Replaces the texts given and keeps the others; a text written here is confirmed by that."""
    _check_texts(texts)
    clean = {key: text.strip() for key, text in texts.items()}
    with (
        audit.refusals_recorded(Event.CARD_REVISED, version, actor=actor),
        transaction.atomic(durable=True),
    ):
        version = _lock(version)
        _check_may_write(actor, version)
        before = queries.writing(version)
        return _write(Event.CARD_REVISED, version, before, clean, actor=actor)


def confirm(
    version: ModelVersion, *, actor: "User", keys: Iterable[str] | None = None
) -> CardRevision:
    """Says that texts carried over hold for this version too; all of them unless some are named."""
    with (
        audit.refusals_recorded(Event.CARD_CONFIRMED, version, actor=actor),
        transaction.atomic(durable=True),
    ):
        version = _lock(version)
        _check_may_write(actor, version)
        before = queries.writing(version)
        wanted = set(before.carried_over if keys is None else keys)
        if not wanted or wanted - before.carried_over:
            raise Conflict("There is no such text waiting to be confirmed.", field="keys")
        kept = {key: before.texts[key] for key in wanted}
        return _write(Event.CARD_CONFIRMED, version, before, kept, actor=actor)


def _write(
    event: Event,
    version: ModelVersion,
    before: Writing,
    texts: dict[str, str],
    *,
    actor: "User",
) -> CardRevision:
    carried_over = sorted(before.carried_over - texts.keys())
    revision = CardRevision.objects.create(
        version=version,
        number=(before.revision.number if before.revision else 0) + 1,
        **(before.texts | texts),
        carried_over=carried_over,
        lifted_from=before.lifted_from,
        author=actor,
        author_name=actor.display_name,
    )
    audit.record(
        event,
        version,
        actor=actor,
        revision=revision.number,
        texts=sorted(texts),
        carried_over=carried_over,
    )
    return revision


def _lock(version: ModelVersion) -> ModelVersion:
    """Takes the version's row, so that revisions are numbered without gaps."""
    live = ModelVersion.objects.live().select_related("model")
    locked = live.select_for_update(no_key=True, of=["self"]).filter(pk=version.pk).first()
    if locked is None:
        raise NotFound(f"{version} is not there any more.")
    return locked


def _check_may_write(actor: "User", version: ModelVersion) -> None:
    reasons = queries.not_entitled(actor, version)
    if reasons:
        raise NotAllowed(reasons[0], reasons=reasons)


def _check_texts(texts: dict[str, str]) -> None:
    if not texts:
        raise Invalid(f"Write at least one of {', '.join(TEXTS)}.")
    for key, text in texts.items():
        if key not in TEXTS:
            raise Invalid(f"A card has no text called {key}.", field=key)
        longest = CardRevision._meta.get_field(key).max_length
        if len(text) > longest:
            raise Invalid(f"This has at most {longest:,} characters.", field=key)
        if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            raise Invalid("Text may not contain NUL or broken characters.", field=key)
