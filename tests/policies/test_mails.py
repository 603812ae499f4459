"""Who hears of a policy's review: those who may publish it, and its author."""

import pytest
from django.core import mail

from governance.notifications import services as notifications
from governance.policies import services
from tests.accounts.factories import UserFactory
from tests.policies.factories import policy_text, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    groups = {"pia": "policy editor", "paz": "policy editor", "root": "administrator"}
    UserFactory(username="cy")
    return {name: UserFactory(username=name, groups=[one]) for name, one in groups.items()}


def letters():
    """Sends what waits and returns the letters by the name of who gets them."""
    mail.outbox.clear()
    notifications.send_waiting()
    return {one.to[0].split()[0]: one for one in mail.outbox}


def test_who_may_publish_is_asked_and_told_what_changes(people, settings):
    published(people["pia"])
    letters()
    text = policy_text("auc floor: auc at least 0.70")
    draft = services.draft("credit", text, actor=people["pia"])

    services.submit(draft, actor=people["pia"])

    found = letters()
    assert set(found) == {"Paz", "Root"}
    assert found["Paz"].subject == "To review: credit v2"
    assert "looser: Rule “auc floor”: bound 0.75 → 0.70." in found["Paz"].body
    assert f"{settings.PUBLIC_URL}/policies/credit/2/" in found["Paz"].body
    assert "bound 0.75 → 0.70" in found["Paz"].alternatives[0][0]


def test_the_author_hears_how_it_ended(people):
    draft = services.draft("credit", policy_text(), actor=people["pia"])
    services.submit(draft, actor=people["pia"])
    letters()

    services.send_back(draft, actor=people["paz"], reason="The floor is too low.")
    returned = letters()
    services.submit(draft, actor=people["pia"])
    letters()
    services.publish(draft, actor=people["paz"])
    ended = letters()

    assert {name: one.subject for name, one in returned.items()} == {
        "Pia": "credit v1 was sent back"
    }
    assert "Reason: The floor is too low." in returned["Pia"].body
    assert {name: one.subject for name, one in ended.items()} == {
        "Pia": "credit v1 was published"
    }


def test_nobody_is_told_of_what_they_did_themselves(people):
    draft = services.draft("credit", policy_text(), actor=people["pia"])

    services.discard(draft, actor=people["pia"], reason="Not needed.")

    assert letters() == {}
