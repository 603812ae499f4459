"""Real servers on this machine for tests that call out: plain and TLS, with a certificate authority of their own."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"thank you"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Receiver:
    """What came in, and what to say: replies are used up one by one, the last one stays."""

    host: str
    port: int
    scheme: str
    received: list[Received] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    before_reply: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hook"

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def receiver(
    *, tls: tuple[Path, Path] | None = None, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Receiver]:
    """Serves until left, on a free port if none is named; `tls` is a certificate and its key."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            facts.received.append(
                Received(self.command, self.path, dict(self.headers), self.rfile.read(length))
            )
            facts.before_reply()
            reply = facts.next_reply()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = answer

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    facts = Receiver(host, server.server_port, "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield facts
    finally:
        server.shutdown()
        server.server_close()


def certificate_for(host: str, folder: Path) -> tuple[Path, Path, Path]:
    """Writes an authority, and a certificate for the host with its key; returns their paths."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed("Test authority", authority_key, "Test authority", authority_key)
    certificate = _signed(host, key, "Test authority", authority_key, host=host)
    paths = tuple(folder / name for name in ("authority.pem", "certificate.pem", "key.pem"))
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(authority.public_bytes(pem))
    paths[1].write_bytes(certificate.public_bytes(pem))
    paths[2].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def _signed(name, key, issuer, issuer_key, host: str = "") -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not host, path_length=None), critical=True)
    )
    if host:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())
