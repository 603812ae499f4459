import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from tests.accounts.factories import person

pytestmark = pytest.mark.django_db
FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def mailed(settings, tmp_path):
    settings.DEBUG, settings.EMAIL_BACKEND = True, FILES
    settings.OUTBOX = settings.EMAIL_FILE_PATH = str(tmp_path)
    message = EmailMultiAlternatives(
        "Please sign",
        "In text",
        "from@example.org",
        ["Rui <rui@example.org>"],
        connection=get_connection(FILES, file_path=str(tmp_path)),
    )
    message.attach_alternative("<p>In HTML</p><script>alert(1)</script>", "text/html")
    message.send()


def test_mails_are_listed_and_shown_without_anything_that_acts(client, mailed):
    client.force_login(person("rui"))

    listed = client.get("/outbox/").content.decode()
    key = listed.split('href="/outbox/')[1].split("/")[0]
    shown = client.get(f"/outbox/{key}/").content.decode()

    assert "Please sign" in listed
    assert "<p>In HTML</p>" in shown
    assert "alert(1)" not in shown


def test_there_is_no_outbox_outside_development(client, mailed, settings):
    settings.DEBUG = False
    client.force_login(person("rui"))

    assert client.get("/outbox/").status_code == 404


def test_an_unknown_mail_is_not_found(client, mailed):
    client.force_login(person("rui"))

    assert client.get("/outbox/nothing-0/").status_code == 404
