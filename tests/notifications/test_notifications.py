import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from governance.notifications import services
from governance.notifications.models import Notification
from tests.accounts.factories import person
from tests.notifications.factories import later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def templates(settings, tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail/test.txt").write_text(
        "Dear {{ user.display_name }}: {{ line }} {{ link }}"
    )
    (tmp_path / "mail/test.html").write_text(
        "<style>p {color: red}</style><p>{{ line }} <a href='{{ link }}'>Open</a></p>"
    )
    configuration = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**configuration, "DIRS": [tmp_path, *configuration["DIRS"]]}]


def tell(*users):
    return services.tell(
        users,
        "test",
        subject=users[0],
        title="Please sign",
        line="AUC <0.8>",
        url="/approvals/7/",
    )


def test_each_person_gets_one_mail_in_text_and_html(settings):
    ada, bo = person("ada"), person("bo")
    tell(ada, bo, ada)

    services.send_waiting()
    services.send_waiting()

    assert sorted(message.to[0] for message in mail.outbox) == [
        "Ada <ada@example.org>",
        "Bo <bo@example.org>",
    ]
    html, kind = mail.outbox[0].alternatives[0]
    assert kind == "text/html"
    assert 'style="color: red' in html
    assert "AUC &lt;0.8&gt;" in html
    assert f"{settings.PUBLIC_URL}/approvals/7/" in mail.outbox[0].body


def test_nothing_is_sent_for_a_transaction_that_was_rolled_back():
    ada = person("ada")
    with transaction.atomic():
        tell(ada)
        transaction.set_rollback(True)

    assert services.send_waiting() == 0


def test_a_failing_mail_server_loses_nothing(monkeypatch):
    tell(person("ada"))

    def broken(self, messages):
        raise ConnectionRefusedError("no server")

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", broken)
        services.send_waiting()
    waiting = Notification.objects.get()
    later(minutes=1)
    services.send_waiting()

    assert "no server" in waiting.last_error
    assert len(mail.outbox) == 1


def test_a_deactivated_person_gets_no_mail():
    ada = person("ada")
    tell(ada)
    ada.is_active = False
    ada.save()

    services.send_waiting()

    assert mail.outbox == []
