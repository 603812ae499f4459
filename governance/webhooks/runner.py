"""Makes the deliveries that are due; what a dead worker held becomes due again by itself.

A webhook is worked on by one worker at a time, oldest delivery first, so that a slow receiver
holds one worker up and no other receiver; one that cannot be reached rests, longer each time.
A try is claimed before the call and its end is written by whoever holds the claim: a doubled
message makes no doubled call, and a worker killed after the call makes the receiver hear the
same delivery id again, never nothing.
"""

import time
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.jobs.sending import send_now
from governance.notifications import services as notifications
from governance.webhooks import rules, visibility
from governance.webhooks.delivery import Outcome, post
from governance.webhooks.models import Delivery, Webhook
from registry import queries as registry

log = structlog.get_logger(__name__)

DELIVER = "governance.webhooks.tasks.deliver"
DELIVER_ONE = "governance.webhooks.tasks.deliver_one"
SWEEP = "governance.webhooks.tasks.sweep"
MOST_MESSAGES = 5
# Longer than any call, its look-up of the name included.
CLAIM = timedelta(seconds=120)
TURN_SECONDS = 20
KEPT = timedelta(days=30)
FAILING_FOR_LONG = timedelta(days=1)
AT_ONCE = 1000


def nudge(webhooks: Collection[uuid.UUID]) -> None:
    """Tells workers that deliveries wait; when the broker is away the sweeper tells them later."""
    if len(webhooks) > MOST_MESSAGES:  # who made the change waits for the sending of each
        send_now(SWEEP)
        return
    for webhook in webhooks:
        send_now(DELIVER, webhook)


def nudge_one(delivery: uuid.UUID) -> None:
    send_now(DELIVER_ONE, delivery)


def deliver(webhook_id: str) -> None:
    """Makes what is due of one webhook for a while, then lets others have their turn."""
    over = time.monotonic() + TURN_SECONDS
    while delivery := _claim_next(webhook_id):
        _make(delivery, releases_webhook=True)
        if time.monotonic() > over:
            nudge([delivery.webhook_id])
            return


def deliver_one(delivery_id: str) -> None:
    """Makes one delivery if it is due, whatever else its webhook waits for."""
    with transaction.atomic(durable=True):
        due = _due(timezone.now()).filter(pk=delivery_id)
        delivery = _claimed(due.select_for_update(skip_locked=True, of=["self"]).first())
    if delivery:
        _make(delivery, releases_webhook=False)


def sweep() -> int:
    """Nudges every webhook with deliveries due, ends those too old, forgets those long over."""
    now = timezone.now()
    due = _due(now)
    webhooks = due.filter(is_test=False, webhook__in=_free(now)).order_by()
    waiting = list(webhooks.values_list("webhook", flat=True).distinct()[:AT_ONCE])
    for webhook in waiting:
        send_now(DELIVER, webhook)
    for test in due.filter(is_test=True).values_list("pk", flat=True)[:AT_ONCE]:
        nudge_one(test)
    due.filter(created_at__lt=now - rules.LONGEST_AGE).update(
        state=Delivery.State.GIVEN_UP,
        error=f"Not delivered within {rules.LONGEST_AGE.days} days.",
        finished_at=now,
        next_at=None,
    )
    Delivery.objects.filter(finished_at__lt=now - KEPT).delete()
    return len(waiting)


def _due(now: datetime):  # noqa: ANN202 - a query set
    return Delivery.objects.waiting().filter(next_at__lte=now)


def _free(now: datetime):  # noqa: ANN202 - a query set
    """Webhooks nobody works on now and that need no rest."""
    return Webhook.objects.active().filter(
        Q(busy_until=None) | Q(busy_until__lte=now),
        Q(rests_until=None) | Q(rests_until__lte=now),
    )


def _claim_next(webhook_id: str) -> Delivery | None:
    """Takes the webhook and its next delivery due, or neither."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        if not _free(now).filter(pk=webhook_id).update(busy_until=now + CLAIM):
            return None
        due = _due(now).filter(webhook=webhook_id, is_test=False)
        locked = due.select_for_update(skip_locked=True, of=["self"])
        delivery = _claimed(locked.order_by("next_at", "created_at").first())
        if delivery is None:
            transaction.set_rollback(True)
    return delivery


def _claimed(delivery: Delivery | None) -> Delivery | None:
    """Writes the claim; a try whose end is never written is due again when the claim is over."""
    if delivery:
        now = timezone.now()
        delivery.claim, delivery.attempts = uuid.uuid4(), delivery.attempts + 1
        delivery.tried_at, delivery.next_at = now, now + CLAIM
        delivery.save(update_fields=["claim", "attempts", "tried_at", "next_at"])
    return delivery


def _make(delivery: Delivery, *, releases_webhook: bool) -> None:
    webhook = Webhook.objects.select_related("created_by").get(pk=delivery.webhook_id)
    withheld = _not_to_be_told(webhook, delivery)
    outcome = withheld or _posted(webhook, delivery)
    with transaction.atomic(durable=True):
        webhook = Webhook.objects.select_for_update(no_key=True, of=["self"]).get(pk=webhook.pk)
        if releases_webhook:
            webhook.busy_until = None
        held = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).exists()
        if held:
            _write_end(delivery, outcome)
            if not (delivery.is_test or withheld):
                _write_health(webhook, outcome)
        else:
            log.warning("webhook claim lost", delivery=str(delivery.pk))
        webhook.save(update_fields=HEALTH)


def _posted(webhook: Webhook, delivery: Delivery) -> Outcome:
    """What came of the call; a mistake of ours counts as a failure, so that others behind it get their turn."""
    try:
        return post(webhook, delivery)
    except Exception as error:
        log.exception("webhook delivery broke", delivery=str(delivery.pk))
        return Outcome(
            error=f"The delivery broke with {type(error).__name__}; the server's log has the details."
        )


HEALTH = [
    "busy_until",
    "failures",
    "failing_since",
    "failing_told_at",
    "delivered_at",
    "rests_until",
]


def _not_to_be_told(webhook: Webhook, delivery: Delivery) -> Outcome | None:
    """Why the receiver may not hear this now; asked at each try, since rights are taken back."""
    if webhook.deleted_at:
        return Outcome(error="The webhook was deleted.", is_final=True)
    if not webhook.created_by.is_active:
        return Outcome(error="The account of the webhook's maker is closed.", is_final=True)
    is_of_registry = delivery.model and not delivery.subject_type
    if is_of_registry and not registry.readers(delivery.model, among=[webhook.created_by_id]):
        return Outcome(error="The webhook's maker may no longer see the model.", is_final=True)
    about = (delivery.subject_type, delivery.subject_id)
    if all(about) and not visibility.may_still_see(*about, webhook.created_by):
        return Outcome(
            error="The webhook's maker may no longer see what this is about.", is_final=True
        )
    return None


def _write_end(delivery: Delivery, outcome: Outcome) -> None:
    now = timezone.now()
    delivery.response_status, delivery.response_body = outcome.status, outcome.body
    delivery.error, delivery.claim, delivery.next_at = outcome.error, None, None
    delivery.finished_at = now
    if outcome.status is None:
        again, ended = not outcome.is_final, Delivery.State.GIVEN_UP
    elif rules.is_delivered(outcome.status):
        again, ended = False, Delivery.State.DELIVERED
    else:
        again, ended = rules.is_worth_another_try(outcome.status), Delivery.State.FAILED
        delivery.error = f"The receiver answered with status {outcome.status}."
    delivery.state = ended
    if again and not delivery.is_test:
        asked = rules.seconds_from(outcome.retry_after, now)
        wait = rules.wait_after(delivery.attempts, retry_after=asked)
        if wait is None:
            delivery.state = Delivery.State.GIVEN_UP
        else:
            delivery.state, delivery.finished_at = Delivery.State.WAITING, None
            delivery.next_at = now + timedelta(seconds=wait)
    delivery.save()


def _write_health(webhook: Webhook, outcome: Outcome) -> None:
    now = timezone.now()
    if outcome.status is not None and rules.is_delivered(outcome.status):
        webhook.failures, webhook.failing_since, webhook.failing_told_at = 0, None, None
        webhook.delivered_at, webhook.rests_until = now, None
        return
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    if not outcome.is_final:
        asked = rules.seconds_from(outcome.retry_after, now)
        if rest := rules.rest_after(webhook.failures, outcome.status, retry_after=asked):
            webhook.rests_until = now + timedelta(seconds=rest)
    if webhook.failing_since < now - FAILING_FOR_LONG and not webhook.failing_told_at:
        webhook.failing_told_at = now
        audit.record(Event.WEBHOOK_FAILING, webhook, actor=None, since=webhook.failing_since)
        _tell_maker(webhook, outcome)


def _tell_maker(webhook: Webhook, outcome: Outcome) -> None:
    notifications.tell(
        [webhook.created_by],
        "webhook_failing",
        subject=webhook,
        title=f"Webhook {webhook.name} has failed for a day",
        line=(
            f"Nothing has reached {webhook.name} since {webhook.failing_since:%d %B %Y, %H:%M} UTC. "
            "Deliveries are tried for two days each; what is given up can be sent again by hand."
        ),
        url=webhook.get_absolute_url(),
        context={"problem": outcome.error or f"it answered {outcome.status}."},
    )
