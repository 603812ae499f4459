"""Calls to addresses that people gave: https and the public internet only, unless the operator allows a host.

`check` judges an address without touching the network and is fit for a form. `request` and `opened`
make the call and belong in a worker: the name is resolved once, every address it has must be
public, and the connection goes to one of exactly those, so that a name cannot mean one machine for
the check and another for the call. Certificate and Host are those of the name. Redirects are never
followed, proxies from the environment never used, and both time and size of an answer are bounded.
"""

import http.client
import io
import ipaddress
import json as json_format
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from governance.errors import Conflict, Invalid

LONGEST_URL = 2000
CONNECT_SECONDS = 10
TOTAL_SECONDS = 30
MOST_BYTES = 1024 * 1024
CHUNK = 64 * 1024
MOST_ADDRESSES = 4
PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Conflict):
    """The other side could not be asked or did not answer; asking again later may help."""

    default_code = "unreachable"


class Forbidden(Unreachable):
    """The address leads to where this server does not call; asking again does not help."""

    default_code = "address_forbidden"


@dataclass(frozen=True)
class Response:
    """What came back: `headers` are found in any case, `truncated` says that the body went on."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; Unreachable when it is none, since then it is not who we meant."""
        try:
            return json_format.loads(self.body)
        except (ValueError, RecursionError):
            raise Unreachable("The answer is not JSON.") from None


class Answer:
    """An open answer whose body is read piece by piece."""

    def __init__(self, response: http.client.HTTPResponse, target: "_Target") -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._target = target

    def chunks(self) -> Iterator[bytes]:
        """The body; Unreachable when it breaks off or the time is over."""
        with _told_plainly(self._target):
            while chunk := self._response.read(CHUNK):
                yield chunk
            if self._response.length:
                raise http.client.IncompleteRead(b"")  # closed before all that was promised


def check(url: str, *, allowed_hosts: Sequence[str] = (), field: str = "url") -> None:
    """Refuses an address that may not be called; where its name leads is seen when it is called."""
    _Target(url, allowed_hosts, field)


def host_of(url: str) -> str:
    """The host of an address that was checked, for words about it: the path may hold a password."""
    return urlsplit(url).hostname or ""


def request(
    method: str,
    url: str,
    *,
    allowed_hosts: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
    json: Any = None,
    timeout: float = TOTAL_SECONDS,
    max_bytes: int = MOST_BYTES,
) -> Response:
    """Asks and reads the whole answer, at most `max_bytes` of its body, within `timeout` seconds."""
    if json is not None:
        data = json_format.dumps(json).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
    with opened(
        method, url, allowed_hosts=allowed_hosts, headers=headers, data=data, timeout=timeout
    ) as answer:
        body = bytearray()
        for chunk in answer.chunks():
            body += chunk
            if len(body) > max_bytes:
                break
    return Response(
        answer.status, answer.headers, bytes(body[:max_bytes]), len(body) > max_bytes
    )


@contextmanager
def opened(
    method: str,
    url: str,
    *,
    allowed_hosts: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
    timeout: float = TOTAL_SECONDS,
) -> Iterator[Answer]:
    """Asks and gives the answer with its body unread; raises Invalid, Forbidden or Unreachable."""
    target = _Target(url, allowed_hosts, "url")
    deadline = time.monotonic() + timeout
    connection = _Connection(target, deadline)
    try:
        with _told_plainly(target):
            connection.connect()
            connection.request(
                method,
                target.path,
                body=data,
                headers={"Accept-Encoding": "identity", **(headers or {})},
            )
            answer = Answer(connection.getresponse(), target)
        yield answer
    finally:
        connection.close()


def is_public(address: Address) -> bool:
    """Whether the address is one machine on the public internet, transition formats looked through."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour or address.teredo:
        return False
    return address in GLOBAL_UNICAST and address.is_global


class _Target:
    """An address taken apart and found fit to be called."""

    def __init__(self, url: str, allowed_hosts: Sequence[str], field: str) -> None:
        parts = _split(url, field)
        self.scheme = parts.scheme
        self.host = _plain_host(parts, field)
        self.port = _port(parts, field)
        self.is_allowed = self._is_named_in(allowed_hosts)
        self.path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        if parts.query:
            self.path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?")
        if not self.is_allowed:
            self._check_public(field)

    def _is_named_in(self, allowed_hosts: Sequence[str]) -> bool:
        host = f"[{self.host}]" if ":" in self.host else self.host
        named = {entry.strip().lower().rstrip(".") for entry in allowed_hosts}
        return not named.isdisjoint({self.host, host, f"{host}:{self.port}"})

    def _check_public(self, field: str) -> None:
        if self.scheme != "https":
            raise Invalid("The address must begin with https://.", field=field)
        literal = _literal(self.host)
        if literal is None and self.host.replace(".", "").isdigit():
            raise Invalid(f"“{self.host}” is not a usual IP address.", field=field)
        local = self.host == "localhost" or self.host.endswith(".localhost")
        if local or (literal and not is_public(literal)):
            raise Invalid(f"{self.host} is not on the public internet.", field=field)

    def addresses(self) -> list[tuple]:
        """Where the name leads now, fit for `socket.connect`; Forbidden if anywhere private."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        if not self.is_allowed:
            for _family, _kind, _protocol, _name, where in found:
                if not is_public(ipaddress.ip_address(where[0])):
                    raise Forbidden(
                        f"{self.host} leads to {where[0]}, which is not on the public internet."
                    )
        return found


def _split(url: str, field: str) -> SplitResult:
    if not isinstance(url, str) or not url.strip():
        raise Invalid("Give an address.", field=field)
    if len(url) > LONGEST_URL:
        raise Invalid(f"An address has at most {LONGEST_URL} characters.", field=field)
    if not url.isprintable() or any(c.isspace() or c == "\\" for c in url):
        raise Invalid("The address holds a space or a character it may not.", field=field)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Invalid("This is not an address.", field=field) from None
    if parts.scheme not in PORTS or not parts.netloc:
        raise Invalid("The address must begin with https://.", field=field)
    if "@" in parts.netloc:
        raise Invalid("The address may not hold a user name or a password.", field=field)
    if "#" in url:
        raise Invalid("The address may not hold a “#”.", field=field)
    return parts


def _plain_host(parts: SplitResult, field: str) -> str:
    """The host as it goes on the wire: lower case, no closing dot, ASCII."""
    try:
        host = (parts.hostname or "").encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        host = ""
    usual = all(c.isalnum() or c in "-._" for c in host)
    if not host or not (usual or _literal(host)):
        raise Invalid("The address names no usable host.", field=field)
    return host


def _port(parts: SplitResult, field: str) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise Invalid("A port is a number from 1 to 65535.", field=field)
    return port or PORTS[parts.scheme]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class _Connection(http.client.HTTPConnection):
    """A connection to where the target's name led when it was judged, with a time for everything."""

    def __init__(self, target: _Target, deadline: float) -> None:
        super().__init__(target.host, target.port)
        self.default_port = PORTS[target.scheme]  # the usual port is left out of Host
        self.response_class = self._response
        self._target = target
        self._deadline = deadline

    def connect(self) -> None:
        until = min(self._deadline, time.monotonic() + CONNECT_SECONDS)
        self.sock = _connected(self._target.addresses(), until)
        if self._target.scheme == "https":
            # Kept before the handshake, so that it is closed when the handshake fails.
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock.settimeout(_left(until))
            self.sock.do_handshake()

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK):
            self.sock.settimeout(_left(self._deadline))
            self.sock.sendall(data[start : start + CHUNK])

    def _response(
        self, sock: socket.socket, *args: Any, **options: Any
    ) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, *args, **options)
        response.fp.close()
        response.fp = io.BufferedReader(_Timed(sock, self._deadline), CHUNK)
        return response


class _Timed(io.RawIOBase):
    """Reads a socket until a moment, however slowly the other side drips."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _connected(found: list[tuple], until: float) -> socket.socket:
    """A socket to the first of the addresses that answers; each has its share of the time."""
    trouble: OSError = OSError("no address")
    found = found[:MOST_ADDRESSES]
    for tried, (family, kind, protocol, _name, where) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(until) / (len(found) - tried))
            sock.connect(where)
        except OSError as error:
            sock.close()
            trouble = error
        else:
            return sock
    raise trouble


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextmanager
def _told_plainly(target: _Target) -> Iterator[None]:
    """Turns what sockets, TLS and HTTP raise into one sentence; headers are never quoted."""
    host = target.host
    try:
        yield
    except socket.gaierror:
        raise Unreachable(f"The name {host} leads nowhere.") from None
    except UnicodeError:
        raise Unreachable(f"The name {host} cannot be looked up.") from None
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(
            f"The certificate of {host} does not convince: {error.verify_message}."
        ) from None
    except ssl.SSLError:
        raise Unreachable(f"{host} does not speak TLS as it should.") from None
    except TimeoutError:
        raise Unreachable(f"{host} did not answer in time.") from None
    except ConnectionRefusedError:
        raise Unreachable(f"{host} takes no calls at port {target.port}.") from None
    except OSError as error:
        raise Unreachable(
            f"The call to {host} broke off: {error.strerror or type(error).__name__}."
        ) from None
    except http.client.HTTPException:
        raise Unreachable(f"{host} did not answer in HTTP.") from None
    except ValueError:
        raise Unreachable("The request holds a header that cannot be sent.") from None
