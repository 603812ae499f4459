"""The acts on webhooks: make, change, delete, test, send again. Each checks who asks, and is audited."""

import re
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance import outbound
from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event as Audited
from governance.errors import Conflict, Invalid, NotFound
from governance.webhooks import payloads, runner
from governance.webhooks.events import Event, actions_of
from governance.webhooks.models import Delivery, Webhook
from governance.webhooks.standard import payloads as standard
from governance.webhooks.standard.events import Governed
from governance.webhooks.standard.signing import new_secret
from registry import validation

if TYPE_CHECKING:
    from governance.accounts.models import User

NAME = re.compile(r"(?=.{1,63}\Z)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
LONGEST_SECRET = 1000
MOST_OF_ONE_PERSON = 100
MOST_TESTS_WAITING = 5


def create_webhook(
    *,
    actor: "User",
    name: str,
    url: str,
    events: Sequence[str],
    description: str = "",
    secret: str = "",
    status: str = Webhook.Status.ACTIVE,
    format: str = Webhook.Format.MLFLOW,
) -> Webhook:
    """Makes a webhook; it hears of what its maker may see, and nothing else.

    A governance webhook is given its secret by the server: it stands in `secret`, to be shown once.
    """
    if format == Webhook.Format.STANDARD:
        secret = new_secret()
    webhook = Webhook(
        name=_name(name),
        url=_url(url),
        format=_format(format),
        events=_events(events, format),
        description=validation.text(description, "description"),
        status=_status(status),
        created_by=actor,
    )
    webhook.secret = _secret(secret)
    with transaction.atomic(durable=True):
        if Webhook.objects.live().filter(created_by=actor).count() >= MOST_OF_ONE_PERSON:
            raise Conflict(f"One person has at most {MOST_OF_ONE_PERSON} webhooks.")
        webhook.save(force_insert=True)
        audit.record(
            Audited.WEBHOOK_CREATED,
            webhook,
            actor=actor,
            host=outbound.host_of(webhook.url),
            format=webhook.format,
            events=webhook.events,
            signed=webhook.is_signed,
        )
    return webhook


def update_webhook(
    webhook: Webhook,
    *,
    actor: "User",
    name: str | None = None,
    url: str | None = None,
    events: Sequence[str] | None = None,
    description: str | None = None,
    secret: str | None = None,
    status: str | None = None,
) -> Webhook:
    """Changes what is given and leaves the rest; an empty secret ends the signing."""
    given = {
        "name": None if name is None else _name(name),
        "url": None if url is None else _url(url),
        "events": None if events is None else _events(events, webhook.format),
        "description": None
        if description is None
        else validation.text(description, "description"),
        "status": None if status is None else _status(status),
    }
    changes = {field: value for field, value in given.items() if value is not None}
    with transaction.atomic(durable=True):
        webhook = _locked(webhook, actor)
        if secret is not None and webhook.is_standard:
            raise Invalid("The server makes the secret; have it change it.", field="secret")
        before = {field: getattr(webhook, field) for field in changes}
        told = {"before": _without_path(before), "after": _without_path(changes)}
        for field, value in changes.items():
            setattr(webhook, field, value)
        if secret is not None:
            webhook.secret = _secret(secret)
        if {"url", "status"} & changes.keys() or secret is not None:
            webhook.failures, webhook.failing_since, webhook.rests_until = 0, None, None
            webhook.failing_told_at = None
        webhook.updated_at = timezone.now()
        webhook.save()
        audit.record(
            Audited.WEBHOOK_UPDATED,
            webhook,
            actor=actor,
            **told,
            secret_changed=secret is not None,
        )
        transaction.on_commit(partial(runner.nudge, [webhook.pk]))
    return webhook


def rotate_secret(webhook: Webhook, *, actor: "User") -> tuple[Webhook, str]:
    """Gives a governance webhook a new secret and returns it, once; for a day both sign."""
    with transaction.atomic(durable=True):
        webhook = _locked(webhook, actor)
        if not webhook.is_standard:
            raise Conflict(
                "The secret of this webhook is given by its maker, not by the server."
            )
        secret = webhook.change_secret()
        webhook.updated_at = timezone.now()
        webhook.save()
        audit.record(Audited.WEBHOOK_UPDATED, webhook, actor=actor, secret_changed=True)
    return webhook, secret


def delete_webhook(webhook: Webhook, *, actor: "User") -> None:
    """Takes the webhook out of use and forgets its secret; its log stays, what waits is given up."""
    with transaction.atomic(durable=True):
        webhook = _locked(webhook, actor)
        now = timezone.now()
        webhook.deleted_at = webhook.updated_at = now
        webhook.secret = webhook.sealed_former_secret = ""
        webhook.save()
        webhook.deliveries.waiting().update(
            state=Delivery.State.GIVEN_UP,
            error="The webhook was deleted.",
            finished_at=now,
            next_at=None,
            claim=None,
        )
        audit.record(Audited.WEBHOOK_DELETED, webhook, actor=actor)


def send_test(webhook: Webhook, *, actor: "User", event: str | None = None) -> Delivery:
    """Sends the example of the event, of the webhook's first one when none is named; tried once."""
    named = _events([event], webhook.format)[0] if event else webhook.events[0]
    now = timezone.now()
    with transaction.atomic(durable=True):
        webhook = _locked(webhook, actor)
        if webhook.deliveries.waiting().filter(is_test=True).count() >= MOST_TESTS_WAITING:
            raise Conflict(f"{MOST_TESTS_WAITING} tests of this webhook wait already.")
        delivery = Delivery.objects.create(
            webhook=webhook,
            event=named,
            subject_label="Test",
            body=_example(webhook, named, now),
            is_test=True,
            next_at=now,
        )
        transaction.on_commit(partial(runner.nudge_one, delivery.pk))
    return delivery


def send_again(delivery: Delivery, *, actor: "User") -> Delivery:
    """Sends what a finished delivery said once more, as a delivery of its own with an id of its own."""
    with transaction.atomic(durable=True):
        webhook = _locked(delivery.webhook, actor)
        delivery = webhook.deliveries.get(pk=delivery.pk)
        if not delivery.is_finished:
            raise Conflict("This delivery still waits; it will be sent by itself.")
        if webhook.status == Webhook.Status.DISABLED:
            raise Conflict("The webhook is disabled; enable it first.")
        now = timezone.now()
        again = Delivery.objects.create(
            webhook=webhook,
            event=delivery.event,
            model=delivery.model,
            subject_type=delivery.subject_type,
            subject_id=delivery.subject_id,
            subject_label=delivery.subject_label,
            body=delivery.body,
            is_test=delivery.is_test,
            again_of=delivery,
            next_at=now,
        )
        audit.record(
            Audited.WEBHOOK_RESENT, webhook, actor=actor, delivery=delivery.pk, again=again.pk
        )
        transaction.on_commit(partial(runner.nudge_one, again.pk))
    return again


def wait_for(delivery: Delivery, *, seconds: float) -> Delivery:
    """The delivery as soon as it is over, or as it is when the time is up."""
    until = time.monotonic() + seconds
    while True:
        delivery.refresh_from_db()
        if delivery.is_finished or time.monotonic() > until:
            return delivery
        time.sleep(0.1)


def _locked(webhook: Webhook, actor: "User") -> Webhook:
    """The webhook under its lock, for its maker or an administrator; others are told it is not there."""
    held = Webhook.objects.live().select_for_update(no_key=True, of=["self"])
    found = held.filter(pk=webhook.pk).first()
    if found is None or not (found.created_by_id == actor.pk or is_administrator(actor)):
        raise NotFound(f"Webhook with ID {webhook.pk} not found.")
    return found


def _without_path(facts: dict) -> dict:
    """For the trail: the path of an address is often as good as a password."""
    if "url" not in facts:
        return facts
    return {**facts, "url": outbound.host_of(facts["url"])}


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Invalid(
            "A webhook's name has 1 to 63 letters, digits, “.”, “_” or “-”, "
            "and begins and ends with a letter or digit.",
            field="name",
        )
    return name


def _url(url: str) -> str:
    outbound.check(url, allowed_hosts=settings.WEBHOOKS_ALLOWED_HOSTS)
    return url


def _format(format: str) -> str:
    if format not in Webhook.Format.values:
        raise Invalid(f"A format is one of {', '.join(Webhook.Format.values)}.", field="format")
    return format


def _example(webhook: Webhook, event: str, now: datetime) -> str:
    if webhook.is_standard:
        return standard.document(Governed(event), standard.example(Governed(event)), now)
    return payloads.document(Event(event), payloads.EXAMPLES[Event(event)], now)


def _events(events: Iterable[str], format: str) -> list[str]:
    """The events once each; refuses none and what the format does not know."""
    unique = list(dict.fromkeys(events))
    if not unique:
        raise Invalid("Name at least one event.", field="events")
    known = Governed.values if format == Webhook.Format.STANDARD else Event.values
    for event in unique:
        if event not in known:
            raise Invalid(_no_event(event, format), field="events")
    return unique


def _no_event(event: str, format: str) -> str:
    if format == Webhook.Format.STANDARD:
        return f"There is no governance event “{event[:100]}”."
    entity, _dot, action = event.partition(".")
    actions = actions_of(entity)
    if not actions:
        return f"There is no event “{event}”."
    return f"Invalid action '{action}' for entity '{entity}'. Valid actions are: {actions}"


def _status(status: str) -> str:
    if status not in Webhook.Status.values:
        raise Invalid(f"A status is one of {', '.join(Webhook.Status.values)}.", field="status")
    return status


def _secret(secret: str) -> str:
    return validation.text(secret, "secret", longest=LONGEST_SECRET)
