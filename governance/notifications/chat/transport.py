"""Makes the calls of apprise: it writes what Slack and Teams understand, and reaches no network by itself.

Its plugins call `requests`; here they are given something of the same shape that goes by
`governance.outbound` to open hosts only: no redirects, no proxies, no files, no second address.
"""

import logging
from functools import cache
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings

from governance import outbound
from governance.errors import Conflict, GovernanceError, Invalid
from governance.notifications.chat import addresses
from governance.notifications.failures import LONGEST_REASON, Failure

TIMEOUT_SECONDS = 20
READ_OF_ANSWER = 4000
TRY_AGAIN = {408, 425, 429}


class Trouble(Exception):
    """A message did not arrive; `failure` says why and whether it ever can."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Answer:
    """As much of an answer of `requests` as the plugins read."""

    def __init__(self, response: outbound.Response) -> None:
        self.status_code = response.status
        self.content = response.body
        self.headers = response.headers


class OpenHostsOnly:
    """Stands for the module `requests` inside the plugins; what it does not have, they cannot use."""

    codes = requests.codes
    RequestException = requests.RequestException

    def post(self, url: str, **asked: Any) -> Answer:
        return self.request("POST", url, **asked)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: dict | None = None,
        data: str = "",
        headers: dict | None = None,
        files: object = None,
        **_how: Any,
    ) -> Answer:
        if files is not None or not addresses.is_open(outbound.host_of(url)):
            raise Trouble(_never(f"{outbound.host_of(url)} is not open for chat."))
        if params:
            url = f"{url}?{urlencode(params)}"
        try:
            return Answer(_called(method.upper(), url, headers, data))
        except (outbound.Forbidden, Invalid) as refusal:
            raise Trouble(_never(refusal.sentence)) from None
        except GovernanceError as trouble:
            failure = Failure(trouble.sentence[:LONGEST_REASON], is_of_server=True)
            raise Trouble(failure) from None


def _called(method: str, url: str, headers: dict | None, data: str) -> outbound.Response:
    answer = outbound.request(
        method,
        url,
        allowed_hosts=[one for one in settings.CHAT_HOSTS if not one.startswith(".")],
        headers=headers,
        data=data.encode(),
        timeout=TIMEOUT_SECONDS,
        max_bytes=READ_OF_ANSWER,
    )
    if 200 <= answer.status < 300:
        return answer
    said = f"The chat answered with status {answer.status}."
    passes = answer.status >= 500 or answer.status in TRY_AGAIN
    raise Trouble(Failure(said, is_of_server=True) if passes else _never(said))


def send(scheme: str, address: str, *, title: str, text: str) -> None:
    """Has the plugin write the message and send it; raises Trouble when it did not arrive."""
    try:
        addresses.check(scheme, address)
        plugin = _plugin(scheme, address)
    except Conflict as unreadable:  # the server's key has changed
        raise Trouble(_never(unreadable.sentence)) from None
    except Invalid as closed:
        raise Trouble(_never(closed.sentence)) from None
    if not plugin.send(body=text, title=title, body_format="text"):
        raise Trouble(_never(f"{addresses.SCHEMES[scheme]} did not take the message."))


def check_address(scheme: str, address: str) -> str:
    """The host of an address that may be used and that the plugin understands."""
    host = addresses.check(scheme, address)
    _plugin(scheme, address)
    return host


def _plugin(scheme: str, address: str):  # noqa: ANN202 - apprise says so little of itself
    from apprise import AppriseAsset

    kind = _kinds()[scheme]
    told = kind.parse_native_url(address)
    if not told:
        raise Invalid(
            f"This is not the address of an incoming webhook of {addresses.SCHEMES[scheme]}.",
            field="address",
        )
    asset = AppriseAsset(app_id="Imprimatur", http_redirects=False)
    try:
        return kind(**{**told, "include_image": False, "include_footer": False, "asset": asset})
    except TypeError:
        raise Invalid(
            f"{addresses.SCHEMES[scheme]} does not know an address like this.", field="address"
        ) from None


@cache
def _kinds() -> dict[str, type]:
    """The plugins, each with the network taken out of its hands and nothing to say to the log."""
    from apprise.plugins import slack, workflows

    logging.getLogger("apprise").disabled = True  # it would write down addresses
    for plugin in (slack, workflows):
        plugin.requests = OpenHostsOnly()
    return {"slack": slack.NotifySlack, "workflows": workflows.NotifyWorkflows}


def _never(reason: str) -> Failure:
    return Failure(reason[:LONGEST_REASON], is_permanent=True)
