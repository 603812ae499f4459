"""Receives webhooks of Imprimatur (or of MLflow, which signs alike), over HTTP and nothing else.

    WEBHOOK_SECRET=… python webhook_receiver.py [port]

What is not signed with the secret, is older than five minutes or was heard before changes nothing.
Put it behind https, or name its host in the server's WEBHOOKS_ALLOWED_HOSTS.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("WEBHOOK_SECRET", "")
OLDEST_SECONDS = 300
LONGEST_BODY = 10_000_000
heard: OrderedDict[str, None] = OrderedDict()


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether the body was signed with the secret, not long ago."""
    delivery, timestamp = headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"]
    given = headers["X-MLflow-Signature"]
    if not (delivery and timestamp and given and timestamp.isdigit()):
        return False
    signed = f"{delivery}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    is_fresh = abs(now - int(timestamp)) <= OLDEST_SECONDS
    return is_fresh and hmac.compare_digest(expected.encode(), given.encode())


def act(event: dict) -> None:
    """What to do about an event; yours begins here."""
    data = event["data"]
    print(f"{event['entity']} {event['action']}: {json.dumps(data)}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            return self.send_error(413)
        body = self.rfile.read(length)
        if not is_genuine(self.headers, body, SECRET, time.time()):
            return self.send_error(401)
        # A delivery is tried again when its answer got lost: do the work once.
        if self.headers["X-MLflow-Delivery-Id"] not in heard:
            act(json.loads(body))
            heard[self.headers["X-MLflow-Delivery-Id"]] = None
            if len(heard) > 10_000:
                heard.popitem(last=False)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing: `act` does."""


if __name__ == "__main__":
    if not SECRET:
        sys.exit("Set WEBHOOK_SECRET to the secret of the webhook.")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8090
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
