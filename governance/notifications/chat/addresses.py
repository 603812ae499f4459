"""Which chat addresses may be used: those of the schemes and hosts the operator named, and no others."""

from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from governance import outbound
from governance.errors import Invalid

# What apprise calls each; more would need a look at what its plugin does.
SCHEMES = {"slack": "Slack", "workflows": "Microsoft Teams"}
# The part of an address that a plugin reads; others could name templates to read from this machine.
QUERY = {"slack": set(), "workflows": {"api-version", "sp", "sv", "sig"}}


def is_switched_on() -> bool:
    return bool(open_schemes() and settings.CHAT_HOSTS)


def open_schemes() -> list[str]:
    return [one for one in SCHEMES if one in settings.CHAT_SCHEMES]


def is_open(host: str) -> bool:
    """Whether the operator named the host, or as “.example.com” the ones below it."""
    host = host.lower()
    named = [one.strip().lower() for one in settings.CHAT_HOSTS]
    return host in named or any(one.startswith(".") and host.endswith(one) for one in named)


def check(scheme: str, address: str) -> str:
    """The host of an address that may be used; says what is wrong with any other."""
    if not is_switched_on():
        raise Invalid(
            "Chat is not switched on; the operator names CHAT_SCHEMES and CHAT_HOSTS."
        )
    if scheme not in open_schemes():
        names = ", ".join(open_schemes())
        raise Invalid(f"A channel is one of {names} on this server.", field="scheme")
    if not address.startswith("https://"):
        raise Invalid("The address must begin with https://.", field="address")
    outbound.check(address, allowed_hosts=_exactly(), field="address")
    host = outbound.host_of(address)
    if not is_open(host):
        raise Invalid(f"The operator of this server has not opened {host}.", field="address")
    unknown = {name for name, _value in parse_qsl(urlsplit(address).query)} - QUERY[scheme]
    if unknown:
        raise Invalid(
            f"The address of a {SCHEMES[scheme]} channel says nothing about "
            f"{', '.join(sorted(unknown))[:100]}.",
            field="address",
        )
    return host


def _exactly() -> list[str]:
    """Hosts named in full may also be private ones; those below a name must be public."""
    return [one for one in settings.CHAT_HOSTS if not one.strip().startswith(".")]
