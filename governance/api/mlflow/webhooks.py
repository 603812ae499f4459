"""webhooks/…: making, reading, changing, deleting and testing webhooks. The secret is never in an answer."""

from threading import BoundedSemaphore
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from governance.api.mlflow import pages
from governance.api.mlflow.endpoint import Call
from governance.api.mlflow.errors import invalid
from governance.api.mlflow.fields import SEE, Fields
from governance.webhooks import queries, services
from governance.webhooks.events import ACTIONS, ENTITIES
from governance.webhooks.models import Delivery, Webhook

DEFAULT_RESULTS = 100
MOST_RESULTS = 1_000
MOST_EVENTS = 100
TEST_SECONDS = 5
# Fewer than a process has threads, so that waiting for receivers never keeps callers waiting.
places_to_wait = BoundedSemaphore(2)
STILL_WAITS = "The test is queued; see the delivery log at {url}."


def create(call: Call) -> dict:
    fields = call.fields
    name, url = fields.required("name"), fields.required("url")
    events = _events(fields)
    if not events:
        raise invalid(f"Missing value for required parameter 'events'.{SEE}")
    webhook = services.create_webhook(
        actor=call.user,
        name=name,
        url=url,
        events=events,
        description=fields.text("description"),
        secret=fields.text("secret"),
        status=fields.text("status") or Webhook.Status.ACTIVE,
    )
    return {"webhook": _shown(webhook)}


def find(call: Call) -> dict:
    """All webhooks of the caller page by page, the newest first; an administrator's are everybody's."""
    most = call.fields.bounded("max_results", DEFAULT_RESULTS, MOST_RESULTS)
    of_registry = _behind(call).filter(format=Webhook.Format.MLFLOW)
    found = list(of_registry[: most + 1])
    answer: dict = {"webhooks": [_shown(webhook) for webhook in found[:most]]}
    if len(found) > most:
        last = str(found[most - 1].pk)
        answer["next_page_token"] = pages.token_after([last], search=["webhooks"])
    return answer


def get(call: Call) -> dict:
    return {"webhook": _shown(_named(call))}


def update(call: Call) -> dict:
    fields = call.fields
    webhook = services.update_webhook(
        _named(call),
        actor=call.user,
        name=fields.text("name") or None,
        url=fields.text("url") or None,
        events=_events(fields) or None,
        description=_if_given(fields, "description"),
        secret=_if_given(fields, "secret"),
        status=fields.text("status") or None,
    )
    return {"webhook": _shown(webhook)}


def delete(call: Call) -> None:
    services.delete_webhook(_named(call), actor=call.user)


def test(call: Call) -> dict:
    """Has a worker send the example of an event and waits a moment for what comes of it."""
    webhook, given = _named(call), call.fields.fields("event")
    event = _event(given) if given else None
    return {"result": _result(_over(services.send_test(webhook, actor=call.user, event=event)))}


def _over(delivery: Delivery) -> Delivery:
    """The test when it is over, or as it is when the time is up or others hold the places to wait."""
    if not places_to_wait.acquire(blocking=False):
        return delivery
    try:
        return services.wait_for(delivery, seconds=TEST_SECONDS)
    finally:
        places_to_wait.release()


def _named(call: Call) -> Webhook:
    return queries.webhook_of(
        call.path["webhook_id"], user=call.user, format=Webhook.Format.MLFLOW
    )


def _behind(call: Call) -> QuerySet[Webhook]:
    key = pages.read_token(call.fields.text("page_token"), search=["webhooks"], columns=[str])
    if key is None:
        return queries.newest_first(call.user)
    try:
        return queries.newest_first(call.user, behind=UUID(key[0]))
    except ValueError:
        raise invalid(
            "Invalid page token. Take next_page_token from the answer before."
        ) from None


def _events(fields: Fields) -> list[str]:
    given = fields.objects("events")
    if len(given) > MOST_EVENTS:
        raise invalid(f"Parameter 'events' has at most {MOST_EVENTS} entries.")
    return [_event(one) for one in given]


def _event(given: Fields) -> str:
    """The event as deliveries name it; REST names it in capitals."""
    entity = _known(given.required("entity"), "entity", ENTITIES)
    action = _known(given.required("action"), "action", ACTIONS)
    return f"{entity}.{action}"


def _known(given: str, what: str, known: tuple[str, ...]) -> str:
    names = [name.upper() for name in known]
    if given not in names:
        raise invalid(f"Unknown {what} '{given[:100]}'; it is one of {', '.join(names)}.")
    return given.lower()


def _if_given(fields: Fields, name: str) -> str | None:
    return fields.text(name) if name in fields else None


def _shown(webhook: Webhook) -> dict:
    pairs = (event.split(".") for event in webhook.events)
    shown = {
        "webhook_id": str(webhook.pk),
        "name": webhook.name,
        "description": webhook.description,
        "url": webhook.url,
        "events": [{"entity": e.upper(), "action": a.upper()} for e, a in pairs],
        "status": webhook.status,
        "creation_timestamp": int(webhook.created_at.timestamp() * 1000),
        "last_updated_timestamp": int(webhook.updated_at.timestamp() * 1000),
    }
    return {name: value for name, value in shown.items() if value != ""}


def _result(delivery: Delivery) -> dict:
    if not delivery.is_finished:
        url = settings.PUBLIC_URL + delivery.webhook.get_absolute_url()
        return {"success": False, "error_message": STILL_WAITS.format(url=url)}
    result: dict = {"success": delivery.state == Delivery.State.DELIVERED}
    if delivery.response_status is not None:
        result["response_status"] = delivery.response_status
        result["response_body"] = delivery.response_body
    if delivery.error:
        result["error_message"] = delivery.error
    return result
