"""What those who release are told, as it reaches them."""

import pytest

from governance.notifications.services import send_waiting
from governance.release import services
from tests.release.factories import cleared, person
from tests.release.test_clearances import REASON

pytestmark = pytest.mark.django_db


def mails_to(name, mailbox):
    send_waiting()
    return [mail for mail in mailbox if f"{name}@" in mail.to[0]]


def test_clearance_is_told_with_its_end_and_link(mailoutbox):
    clearance = cleared()

    mail = next(m for m in mails_to("olu", mailoutbox) if m.subject.startswith("Cleared"))

    assert mail.subject == "Cleared: credit-scoring v1 for champion"
    assert f"{clearance.valid_until:%d %B %Y}" in mail.body
    assert "/models/credit-scoring/versions/1/" in mail.body
    assert "Blessed against credit v1." in mail.alternatives[0][0]


def test_end_of_a_clearance_is_told_with_its_reason(mailoutbox):
    services.revoke(cleared(), actor=person("bo"), reason=REASON)

    mail = mails_to("ada", mailoutbox)[-1]

    assert mail.subject == "Revoked: clearance of credit-scoring v1 for champion"
    assert REASON in mail.body
