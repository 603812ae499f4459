"""A mail server on this machine: it keeps what it takes, and refuses what it is told to refuse."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from types import SimpleNamespace

OK, GO_ON, BYE, READY = "250 ok", "354 go on", "221 bye", "220 ready"


class Session(socketserver.StreamRequestHandler):
    """One client: just enough of RFC 5321 for smtplib."""

    def handle(self):
        facts = self.server.facts
        facts.connections += 1
        self.say(facts.greeting)
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "DATA":
                self.take(facts)
            elif verb == "QUIT":
                return self.say(BYE)
            elif verb == "RCPT":
                self.say(next((facts.refused[who] for who in facts.refused if who in rest), OK))
            else:
                self.say(OK)

    def take(self, facts):
        self.say(GO_ON)
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if facts.after_data == OK:
            facts.received.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say(facts.after_data)

    def say(self, answer):
        self.wfile.write(answer.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(port=0):
    """A running server: its port, the mails it took, and what it answers to whom."""
    with Server(("127.0.0.1", port), Session) as server:
        server.facts = SimpleNamespace(
            port=server.server_address[1],
            received=[],
            connections=0,
            greeting=READY,
            refused={},  # part of an address -> the answer to it
            after_data=OK,
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.facts
        finally:
            server.shutdown()
            thread.join()


def use(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
