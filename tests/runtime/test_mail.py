import pytest
from django.core.exceptions import ImproperlyConfigured

from governance.runtime.mail import settings_from


def test_url_becomes_mail_settings():
    found = settings_from("smtp+tls://post%40house:p%2Fw@mail.example:2525?timeout=3")

    assert found == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 2525,
        "EMAIL_HOST_USER": "post@house",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_TIMEOUT": 3,
        "EMAIL_USE_TLS": True,
    }


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 25), ("smtp+tls", 587), ("smtps", 465)])
def test_port_follows_from_the_scheme(scheme, port):
    assert settings_from(f"{scheme}://mail.example")["EMAIL_PORT"] == port


def test_tls_may_be_asked_for_in_the_query():
    found = settings_from("smtp://mail.example?tls=true")

    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == (587, True)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://h?timeout=soon"]
)
def test_unusable_url_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured):
        settings_from(url)
