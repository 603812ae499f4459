"""Reads EMAIL_URL into Django's mail settings; sends nothing."""

from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ENCRYPTION = {
    "smtp": {},
    "smtp+tls": {"EMAIL_USE_TLS": True},
    "smtps": {"EMAIL_USE_SSL": True},
}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def settings_from(url: str) -> dict:
    """Gives the settings for smtp://, smtp+tls:// or ?tls=true (STARTTLS), and smtps:// URLs."""
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    scheme = parts.scheme
    if scheme == "smtp" and options.get("tls") == "true":
        scheme = "smtp+tls"
    timeout = options.get("timeout", "10")
    _refuse_unusable(scheme, parts.hostname, timeout)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or PORTS[scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": int(timeout),
        **ENCRYPTION[scheme],
    }


def _refuse_unusable(scheme: str, host: str | None, timeout: str) -> None:
    if scheme not in ENCRYPTION or not host:
        kinds = ", ".join(f"{scheme}://" for scheme in ENCRYPTION)
        raise ImproperlyConfigured(f"EMAIL_URL must name a host and begin with one of {kinds}.")
    if not timeout.isdigit():
        raise ImproperlyConfigured("EMAIL_URL: timeout must be a number of seconds.")
