"""Where a link in a mail leads, and what it says when it leads no further."""

from unittest import mock

import pytest
from django.core import signing

from governance.errors import Conflict, NotAllowed, NotFound
from governance.notifications import links, services
from tests.accounts.factories import person
from tests.notifications.factories import tell

pytestmark = pytest.mark.django_db


def asked(user):
    [row] = tell(user, kind="approval_requested")
    return row, links.signer.sign(row.pk)


def test_a_link_leads_who_was_mailed_to_the_page():
    row, token = asked(person("ada"))

    assert links.follow(token, reader=row.user) == "/approvals/7/"


def test_it_leads_there_until_what_was_asked_is_done():
    row, token = asked(person("ada"))
    services.settle(row.user, user=row.user)

    with pytest.raises(Conflict, match="This link has served") as told:
        links.follow(token, reader=row.user)

    assert told.value.link == "/approvals/7/"


def test_it_leads_nobody_else():
    _, token = asked(person("ada"))

    with pytest.raises(NotAllowed, match="mailed to somebody else") as told:
        links.follow(token, reader=person("cy"))

    assert "/approvals/" not in str(told.value) and not told.value.link


def test_it_expires():
    row, token = asked(person("ada"))
    thirty_days_later = signing.time.time() + links.LIFE.total_seconds() + 1

    with (
        mock.patch("django.core.signing.time.time", return_value=thirty_days_later),
        pytest.raises(Conflict, match="older than 30 days") as told,
    ):
        links.follow(token, reader=row.user)

    assert told.value.link == "/approvals/7/"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: "9" + token,
        lambda token: token.split(":")[0],
        lambda token: "x",
        lambda token: signing.TimestampSigner(key="guessed", salt=links.signer.salt).sign(1),
        lambda token: signing.TimestampSigner(salt="another").sign(1),
        lambda token: links.signer.sign("999999999"),
        lambda token: links.signer.sign("../admin"),
    ],
)
def test_a_forged_link_leads_nowhere(change):
    row, token = asked(person("ada"))

    with pytest.raises(NotFound, match="not written by this server"):
        links.follow(change(token), reader=row.user)


def test_what_only_tells_is_linked_plainly(settings):
    [row] = tell(person("ada"), kind="request_closed")

    assert links.address_in_mail(row) == f"{settings.PUBLIC_URL}/approvals/7/"
