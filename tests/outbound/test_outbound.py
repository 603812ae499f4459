import ipaddress
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import outbound
from governance.errors import Invalid
from governance.outbound import Forbidden, Unreachable
from tests.outbound.receivers import Reply, certificate_for, receiver

HERE = ("127.0.0.1",)
real_getaddrinfo = socket.getaddrinfo


@pytest.fixture
def names(monkeypatch):
    """What the names of this test lead to; a list of answers is used up call by call."""
    told: dict[str, list[str]] = {}
    asked: list[str] = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        if host not in told:
            return real_getaddrinfo(host, port, *args, **kwargs)
        family = socket.AF_INET6 if ":" in told[host][0] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for address in told[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    told["asked"] = asked
    return told


# what may be called


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/x",
        "https://EXAMPLE.com.",
        "https://bücher.example/",
    ],
)
def test_a_public_https_address_may_be_called(url):
    outbound.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user:pass@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com/#",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://[::1/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://example.com\\@127.0.0.1/",
        "https://exa%6dple.com/",
        "https://" + "a" * 2000,
        "https://localhost/",
        "https://LOCALHOST./",
        "https://app.localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_any_other_address_is_refused_with_a_sentence(url):
    with pytest.raises(Invalid) as refusal:
        outbound.check(url)

    assert refusal.value.field == "url"
    assert refusal.value.sentence.endswith(".")


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://[", "https://a@"]))
def test_whatever_is_typed_is_judged_and_never_breaks(text, prefix):
    try:
        outbound.check(prefix + text)
    except Invalid as refusal:
        assert refusal.sentence
    else:
        assert (prefix + text).lower().startswith("https://")


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("hooks.internal", "http://hooks.internal/a"),
        ("hooks.internal", "https://HOOKS.internal:8443/a"),
        ("hooks.internal:8080", "http://hooks.internal:8080/a"),
        ("hooks.internal:443", "https://hooks.internal/a"),
        (" 10.1.2.3 ", "http://10.1.2.3:9/"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("::1", "http://[::1]/"),
    ],
)
def test_an_allowed_host_may_be_private_and_plain(entry, url):
    outbound.check(url, allowed_hosts=[entry])


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("hooks.internal:8080", "http://hooks.internal:8081/"),
        ("hooks.internal", "http://hooks.internal.evil.example/"),
        ("hooks.internal", "http://evil.hooks.internal/"),
        ("10.1.2.3", "https://10.1.2.4/"),
        ("", "http://x.example/"),
    ],
)
def test_an_allowed_host_allows_nobody_else(entry, url):
    with pytest.raises(Invalid):
        outbound.check(url, allowed_hosts=[entry])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "::127.0.0.1",
        "4000::1",
    ],
)
def test_no_address_of_a_private_or_special_network_is_public(address):
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "2606:4700:4700::1111",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ],
)
def test_addresses_of_the_internet_are_public(address):
    assert outbound.is_public(ipaddress.ip_address(address))


# the call


def test_a_request_brings_method_headers_body_and_the_answer_back():
    with receiver() as there:
        there.replies = [Reply(201, b'{"a": 1}', {"X-Seen": "yes"})]
        answer = outbound.request(
            "POST",
            there.url + "?q=ä b".replace(" ", "%20"),
            allowed_hosts=HERE,
            headers={"X-Token": "t"},
            json={"x": "ü"},
        )

    assert (answer.status, answer.json(), answer.headers["x-seen"]) == (201, {"a": 1}, "yes")
    (got,) = there.received
    assert (got.method, got.path) == ("POST", "/hook?q=%C3%A4%20b")
    assert got.body == b'{"x": "\\u00fc"}'
    assert got.headers["X-Token"] == "t"
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Host"] == there.authority


def test_a_redirect_is_an_answer_and_is_not_followed():
    with receiver() as there, receiver() as elsewhere:
        there.replies = [Reply(302, b"", {"Location": elsewhere.url})]
        answer = outbound.request("GET", there.url, allowed_hosts=HERE)

    assert answer.status == 302
    assert elsewhere.received == []


def test_a_proxy_of_the_environment_is_passed_by(monkeypatch):
    with receiver() as there, receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        outbound.request("GET", there.url, allowed_hosts=HERE)

    assert len(there.received) == 1
    assert proxy.received == []


def test_of_a_long_body_only_the_beginning_is_read():
    with receiver() as there:
        there.replies = [Reply(200, b"x" * 300_000)]
        answer = outbound.request("GET", there.url, allowed_hosts=HERE, max_bytes=1000)

    assert answer.body == b"x" * 1000
    assert answer.truncated


def test_an_open_answer_is_read_piece_by_piece():
    with receiver() as there:
        there.replies = [Reply(200, b"x" * 300_000)]
        with outbound.opened("GET", there.url, allowed_hosts=HERE) as answer:
            pieces = [len(chunk) for chunk in answer.chunks()]

    assert sum(pieces) == 300_000
    assert max(pieces) <= outbound.CHUNK


def test_a_name_that_leads_to_a_private_address_is_refused_before_any_call(names):
    with receiver() as there:
        names["rebound.example"] = ["127.0.0.1"]
        with pytest.raises(Forbidden, match=r"rebound\.example leads to 127\.0\.0\.1"):
            outbound.request("GET", f"https://rebound.example:{there.port}/")

    assert there.received == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(names):
    names["mixed.example"] = ["8.8.8.8", "10.0.0.7"]

    with pytest.raises(Forbidden, match=r"10\.0\.0\.7"):
        outbound.request("GET", "https://mixed.example/")


def test_the_call_goes_to_the_address_that_was_judged_with_the_name_for_tls_and_host(
    names, monkeypatch, tmp_path
):
    """The name is looked up once; what it leads to a moment later has no say."""
    authority, certificate, key = certificate_for("hooks.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with receiver(tls=(certificate, key), host="hooks.example") as there:
        names["hooks.example"] = ["127.0.0.1"]
        answer = outbound.request(
            "POST", there.url, data=b"body", allowed_hosts=["hooks.example"]
        )

    assert answer.body == b"thank you"
    assert there.received[0].headers["Host"] == there.authority
    assert names["asked"].count("hooks.example") == 1


def test_a_certificate_for_another_name_is_not_accepted(names, monkeypatch, tmp_path):
    authority, certificate, key = certificate_for("other.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with receiver(tls=(certificate, key), host="hooks.example") as there:
        names["hooks.example"] = ["127.0.0.1"]
        with pytest.raises(Unreachable, match=r"certificate of hooks\.example"):
            outbound.request("GET", there.url, allowed_hosts=["hooks.example"])

    assert there.received == []


def test_a_certificate_nobody_known_signed_is_not_accepted(names, tmp_path):
    _authority, certificate, key = certificate_for("hooks.example", tmp_path)
    with receiver(tls=(certificate, key), host="hooks.example") as there:
        names["hooks.example"] = ["127.0.0.1"]
        with pytest.raises(Unreachable, match=r"certificate of hooks\.example"):
            outbound.request("GET", there.url, allowed_hosts=["hooks.example"])


def test_an_address_that_does_not_answer_leaves_time_for_the_next(names, monkeypatch):
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 2)
    full = socket.socket()
    full.bind(("127.0.0.2", 0))
    full.listen(0)
    port = full.getsockname()[1]
    waiting = [socket.socket() for _ in range(4)]  # more than the queue holds: others hang
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.2", port))
    with receiver(port=port) as there:
        names["two.example"] = ["127.0.0.2", "127.0.0.1"]
        url = f"http://two.example:{port}/"
        answer = outbound.request("GET", url, allowed_hosts=["two.example"])
    for one in (full, *waiting):
        one.close()

    assert answer.status == 200
    assert len(there.received) == 1


# a rude other side


@contextmanager
def rude(conversation):
    """A bare socket server: `conversation` gets each connection after the request came in."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    conversation(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        listening.close()


def test_who_drips_its_answer_is_left_when_the_time_is_over():
    def drip(connection):
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 1000:
            connection.send(bytes([byte]))
            time.sleep(0.05)

    with rude(drip) as url:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="did not answer in time"):
            outbound.request("GET", url, allowed_hosts=HERE, timeout=0.5)

    assert time.monotonic() - started < 5


def test_who_drips_its_body_is_left_when_the_time_is_over():
    def drip(connection):
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.send(b"a")
            time.sleep(0.05)

    with rude(drip) as url, pytest.raises(Unreachable, match="did not answer in time"):
        outbound.request("GET", url, allowed_hosts=HERE, timeout=0.5)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"what?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_told_in_a_sentence(said):
    with (
        rude(lambda connection: connection.sendall(said)) as url,
        pytest.raises(Unreachable) as trouble,
    ):
        outbound.request("GET", url, allowed_hosts=HERE, timeout=5)

    assert trouble.value.sentence.startswith(("127.0.0.1 did not answer", "The call to"))


def test_a_port_where_nobody_listens_and_a_name_nobody_has():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=f"takes no calls at port {port}"):
        outbound.request("GET", f"http://127.0.0.1:{port}/", allowed_hosts=HERE)
    with pytest.raises(Unreachable, match="leads nowhere"):
        outbound.request("GET", "https://nobody.invalid/")


def test_a_header_that_cannot_be_sent_is_refused_without_being_quoted():
    with receiver() as there, pytest.raises(Unreachable) as trouble:
        outbound.request(
            "GET", there.url, allowed_hosts=HERE, headers={"X-Token": "secret\r\nX: y"}
        )

    assert "secret" not in str(trouble.value)
    assert there.received == []


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_is_told_in_a_sentence(body):
    with pytest.raises(Unreachable, match="not JSON"):
        outbound.Response(200, {}, body).json()
