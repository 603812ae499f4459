"""Governance webhooks for tests."""

from governance.webhooks import services
from governance.webhooks.models import Webhook
from governance.webhooks.standard.events import Governed
from tests.accounts.factories import person

EVERY_EVENT = [event.value for event in Governed]


def governed(url="https://hooks.example.com/in", *, owner=None, **fields) -> Webhook:
    return services.create_webhook(
        actor=owner or person("root", "administrator"),
        url=url,
        **{"name": "tickets", "events": EVERY_EVENT, "format": "standard", **fields},
    )
