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


def the_mail(client):
    client.force_login(person("rui"))
    listed = client.get("/outbox/").content.decode()
    assert "Please sign" in listed
    return "/outbox/{}/".format(listed.split('href="/outbox/')[1].split("/")[0])


def test_a_mail_is_listed_and_shown_with_its_headers_and_text(client, mailed):
    shown = client.get(the_mail(client)).content.decode()

    assert "Rui &lt;rui@example.org&gt;" in shown
    assert "In text" in shown
    assert "In HTML" not in shown  # that is in the frame


def test_the_html_of_a_mail_stands_in_a_frame_in_which_nothing_acts(client, mailed):
    address = the_mail(client)

    page = client.get(address)
    letter = client.get(f"{address}letter/")

    assert f'src="{address}letter/"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "<p>In HTML</p>" in letter.content.decode()
    rules = letter["Content-Security-Policy"]
    assert "sandbox allow-top-navigation-by-user-activation" in rules
    assert "default-src 'none'" in rules
    assert "script-src" not in rules
    assert "frame-ancestors 'self'" in rules
    assert letter["X-Frame-Options"] == "SAMEORIGIN"


def test_there_is_no_outbox_outside_development(client, mailed, settings):
    settings.DEBUG = False
    client.force_login(person("rui"))

    assert client.get("/outbox/").status_code == 404


def test_an_unknown_mail_is_not_found(client, mailed):
    client.force_login(person("rui"))

    assert client.get("/outbox/nothing-0/").status_code == 404
