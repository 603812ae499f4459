"""Turns what the registry reports into deliveries, inside the transaction of the change.

One statement when no webhook waits for the event; what MLflow has no event for costs none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from governance.webhooks import payloads, queries, runner
from governance.webhooks.events import Event
from governance.webhooks.models import Delivery
from governance.webhooks.queries import Waiting
from registry import queries as registry
from registry import signals
from registry.models import Alias, ModelVersion, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User


@dataclass
class Change:
    """What the registry reported, with the facts looked up when they are needed."""

    subject: RegisteredModel | ModelVersion
    told: Mapping

    @cached_property
    def model(self) -> RegisteredModel:
        return self.subject if isinstance(self.subject, RegisteredModel) else self.subject.model

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags the subject was registered with."""
        return self.told["tags"]

    @cached_property
    def of_prompt(self) -> bool:
        tags = self.model.tags.filter(key=payloads.IS_PROMPT).values_list("key", "value")
        return payloads.says_prompt(dict(tags))

    @property
    def name(self) -> dict:
        return {"name": self.model.name}

    @property
    def version(self) -> dict:
        return {"version": str(self.subject.number)}

    @property
    def tag(self) -> dict:
        """The key with the whole value, of which the report holds the beginning."""
        key = self.told["key"]
        return {"key": key, "value": self.subject.tags.get(key=key).value}


def _model_created(change: Change) -> tuple[Event, dict]:
    facts = (change.model.name, change.tags, change.model.description)
    if payloads.says_prompt(change.tags):
        return Event.PROMPT_CREATED, payloads.prompt_created(*facts)
    return Event.MODEL_CREATED, payloads.model_created(*facts)


def _version_created(change: Change) -> tuple[Event, dict]:
    version = change.subject
    facts = (change.model.name, version.number, change.tags, version.description)
    if payloads.says_prompt(change.tags):
        return Event.PROMPT_VERSION_CREATED, payloads.prompt_version_created(*facts)
    return Event.VERSION_CREATED, payloads.version_created(
        *facts, source=version.source, run_id=version.run_id
    )


def _tag_set(change: Change) -> tuple[Event, dict] | None:
    if isinstance(change.subject, ModelVersion):
        event = Event.PROMPT_VERSION_TAG_SET if change.of_prompt else Event.VERSION_TAG_SET
        return event, {**change.name, **change.version, **change.tag}
    if change.of_prompt:
        return Event.PROMPT_TAG_SET, {**change.name, **change.tag}
    return None  # MLflow has no event for the tags of a model


def _tag_deleted(change: Change) -> tuple[Event, dict] | None:
    key = {"key": change.told["key"]}
    if isinstance(change.subject, ModelVersion):
        of_prompt = Event.PROMPT_VERSION_TAG_DELETED
        event = of_prompt if change.of_prompt else Event.VERSION_TAG_DELETED
        return event, {**change.name, **change.version, **key}
    return (Event.PROMPT_TAG_DELETED, {**change.name, **key}) if change.of_prompt else None


def _alias_set(change: Change) -> tuple[Event, dict]:
    alias = change.told["alias"]
    held = Alias.objects.filter(model=change.model, name=alias)
    number = held.values_list("version__number", flat=True).get()
    event = Event.PROMPT_ALIAS_SET if change.of_prompt else Event.ALIAS_SET
    return event, {**change.name, "alias": alias, "version": str(number)}


def _alias_deleted(change: Change) -> tuple[Event, dict]:
    event = Event.PROMPT_ALIAS_DELETED if change.of_prompt else Event.ALIAS_DELETED
    return event, {**change.name, "alias": change.told["alias"]}


Telling = Callable[[Change], tuple[Event, dict] | None]
# By the registry's event: what MLflow may call it, and how it is told.
TOLD: dict[str, tuple[tuple[Event, Event], Telling]] = {
    signals.MODEL_CREATED: ((Event.MODEL_CREATED, Event.PROMPT_CREATED), _model_created),
    signals.VERSION_CREATED: (
        (Event.VERSION_CREATED, Event.PROMPT_VERSION_CREATED),
        _version_created,
    ),
    signals.ALIAS_SET: ((Event.ALIAS_SET, Event.PROMPT_ALIAS_SET), _alias_set),
    signals.ALIAS_DELETED: ((Event.ALIAS_DELETED, Event.PROMPT_ALIAS_DELETED), _alias_deleted),
}
TOLD_OF_VERSIONS = {
    signals.TAG_SET: ((Event.VERSION_TAG_SET, Event.PROMPT_VERSION_TAG_SET), _tag_set),
    signals.TAG_DELETED: (
        (Event.VERSION_TAG_DELETED, Event.PROMPT_VERSION_TAG_DELETED),
        _tag_deleted,
    ),
}
TOLD_OF_MODELS = {
    signals.TAG_SET: ((Event.PROMPT_TAG_SET,), _tag_set),
    signals.TAG_DELETED: ((Event.PROMPT_TAG_DELETED,), _tag_deleted),
}


def write_deliveries(
    event: str, subject: Model, actor: "User | None", data: dict | None = None, **_: object
) -> None:
    """Writes a delivery for every webhook that waits for the event and whose maker may see the model."""
    of_subject = TOLD_OF_VERSIONS if isinstance(subject, ModelVersion) else TOLD_OF_MODELS
    names, telling = TOLD.get(event) or of_subject.get(event) or ((), None)
    if telling is None:
        return
    waiting = queries.waiting_for(names)
    if not waiting:
        return
    change = Change(subject, data or {})
    told = telling(change)
    if told is None:
        return
    _write(waiting, change, *told)


def _write(waiting: list[Waiting], change: Change, event: Event, data: dict) -> None:
    waiting = [webhook for webhook in waiting if event in webhook.events]
    makers = {webhook.maker for webhook in waiting}
    may_see = registry.readers(change.model, among=makers) if makers else set()
    waiting = [webhook for webhook in waiting if webhook.maker in may_see]
    if not waiting:
        return
    now = timezone.now()
    body = payloads.document(event, data, now)
    Delivery.objects.bulk_create(
        Delivery(
            webhook_id=webhook.pk,
            event=event,
            model=change.model,
            subject_label=str(change.subject)[:300],
            body=body,
            next_at=now,
        )
        for webhook in waiting
    )
    transaction.on_commit(partial(runner.nudge, [webhook.pk for webhook in waiting]))


def connect() -> None:
    signals.changed.connect(write_deliveries, dispatch_uid="webhooks.write_deliveries")
