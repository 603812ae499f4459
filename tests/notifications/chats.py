"""Servers on this machine that stand for Slack and Teams: the names lead here, over TLS, and nowhere else."""

import socket
from contextlib import contextmanager

from governance.notifications.models import Channel
from tests.outbound.receivers import Reply, certificate_for, receiver

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
SECRET_OF_SLACK = "TIiajkdnlazkcOXrIdevi7"
TEAMS_HOST = "prod-161.westeurope.logic.azure.com"
TEAMS = (
    f"https://{TEAMS_HOST}/workflows/0ab1c2/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=geheimeSignatur"
)
REAL = socket.getaddrinfo


@contextmanager
def chat_at(host: str, monkeypatch, folder, settings):
    """A server that speaks for the host; what it is not asked for is refused to go anywhere."""
    folder.mkdir(exist_ok=True)
    authority, certificate, key = certificate_for(host, folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    settings.CHAT_SCHEMES = ["slack", "workflows"]
    settings.CHAT_HOSTS = ["hooks.slack.com", TEAMS_HOST]
    with receiver(tls=(certificate, key), host=host) as there:
        there.replies = [Reply(200, b"ok")]
        there.asked = []

        def getaddrinfo(name, port, *more, **named):
            if name in ("localhost", "127.0.0.1"):
                return REAL(name, port, *more, **named)
            there.asked.append(name)
            if name != host:
                raise socket.gaierror(f"{name} is not of this test")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", there.port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield there


def chat_channel(user, **more) -> Channel:
    """A channel as it stands in the database, whatever is open now."""
    told = {"name": "risk", "scheme": "slack", "host": "hooks.slack.com", "groups": ["told"]}
    return Channel.objects.create(user=user, created_by=user, **{**told, **more})
