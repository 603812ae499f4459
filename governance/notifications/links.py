"""Links in mails that ask for an act: they lead the one mailed to where it is done, and do nothing.

A link carries no right. Whoever opens it signs in first, and signing takes the password again; so a
mail scanner that follows it changes nothing. It is signed, so nothing that could be stolen is stored;
it expires, and it is used up when what was asked is done.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse

from governance.notifications import errors
from governance.notifications.kinds import ASKING
from governance.notifications.models import Notification

if TYPE_CHECKING:
    from governance.accounts.models import User

LIFE = timedelta(days=30)
signer = signing.TimestampSigner(salt="governance.notifications.links")


def address_in_mail(row: Notification) -> str:
    """The full address a mail leads to: a link of one's own where something is asked, else the page."""
    if row.kind not in ASKING:
        return lasting_address(row)
    return settings.PUBLIC_URL + reverse("web:mail_link", args=[signer.sign(row.pk)])


def lasting_address(row: Notification) -> str:
    return settings.PUBLIC_URL + row.url


def follow(token: str, *, reader: "User") -> str:
    """Where the link leads its reader; refuses one that is forged, of another, old or used up."""
    row = Notification.objects.filter(pk=_key_in(token)).first()
    if row is None:
        raise errors.forged()
    if row.user_id != reader.pk:
        raise errors.of_another()
    if row.settled_at:
        raise errors.used(row.url)
    try:
        signer.unsign(token, max_age=LIFE)
    except signing.SignatureExpired:
        raise errors.expired(LIFE.days, row.url) from None
    return row.url


def _key_in(token: str) -> int:
    try:
        return int(signer.unsign(token))
    except (signing.BadSignature, ValueError):
        raise errors.forged() from None
