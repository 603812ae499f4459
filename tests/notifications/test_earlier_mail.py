"""Mail from before there were states: what was sent is not sent again when the server is updated."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from governance.notifications import services
from governance.notifications.models import Notification
from tests.accounts.factories import person
from tests.notifications.factories import tell

pytestmark = pytest.mark.django_db
migration = import_module("governance.notifications.migrations.0003_state_of_earlier_mail")


def test_earlier_mail_is_said_to_be_sent_given_up_or_waiting(mailoutbox):
    rows = tell(person("ada"), person("bo"), person("cy"))
    Notification.objects.filter(pk=rows[0].pk).update(mailed_at=timezone.now(), attempts=1)
    Notification.objects.filter(pk=rows[1].pk).update(attempts=migration.MOST_ATTEMPTS)

    migration.say(apps, None)
    services.send_waiting()

    assert [one.to for one in mailoutbox] == [["Cy <cy@example.org>"]]
    assert list(Notification.objects.order_by("pk").values_list("mail_state", flat=True)) == [
        "sent",
        "failed",
        "sent",
    ]
