"""Doors: the gate check and the pages, over HTTP against the running demo."""

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from urllib.parse import urlsplit

import requests

from governance.runtime.processes import PROJECT
from tests.bench.figures import Row, below

CLIENTS = 8
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
ROUNDS_OF_PAGES = 20
GATE = "/api/v1/models/credit-scoring/versions/3/gate/?alias=champion"
PAGES = [
    "/",
    "/portfolio/",
    "/use-cases/credit-decisions/",
    "/models/",
    "/models/credit-scoring/",
    "/models/credit-scoring/versions/3/",
    "/models/credit-scoring/versions/3/card/",
    "/approvals/1/",
    "/raci/credit-decisions/",
    "/policies/credit-decisions/",
    "/jobs/",
    "/audit/",
]


def rows() -> list[Row]:
    with demo() as (address, token):
        gate = gate_checks(address, token)
        pages = page_times(address)
    slowest = max(pages, key=lambda page: p95(pages[page]))
    return [
        below(f"gate check, 95th percentile at {CLIENTS} clients", 1000 * p95(gate), "ms", 15),
        at_least(f"gate checks at {CLIENTS} clients", len(gate) / SECONDS, "a second", 300),
        below(
            f"slowest page ({slowest}), 95th percentile", 1000 * p95(pages[slowest]), "ms", 100
        ),
        below(
            "all pages, median",
            1000 * statistics.median(chain.from_iterable(pages.values())),
            "ms",
            100,
        ),
    ]


def at_least(name: str, ours: float, unit: str, bound: float) -> Row:
    return Row(name, ours, None, unit, None, f"at least {bound:g}", ours >= bound)


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Runs `manage.py demo` in a home of its own; gives its address and a token."""
    with (
        socket.socket() as probe,
        tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as home,
    ):
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        environment |= {"DEBUG": "true", "IMPRIMATUR_HOME": home, "PORT": str(port)}
        server = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield f"http://127.0.0.1:{port}", token_from(server)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)


def token_from(server: subprocess.Popen) -> str:
    """Reads what the demo prints until it has printed its last line."""
    said = []
    for line in server.stdout:
        said.append(line)
        if "Ctrl-C stops everything" in line:
            return re.search(r"Bearer (\w+)", "".join(said)).group(1)
    raise RuntimeError("The demo did not come up:\n" + "".join(said[-20:]))


def gate_checks(address: str, token: str) -> list[float]:
    """Times of gate checks by several clients, each on one connection kept alive."""
    until = time.monotonic() + SECONDS

    def client(_number: int) -> list[float]:
        link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        times = []
        while (started := time.monotonic()) < until:
            link.request("GET", GATE, headers={"Authorization": f"Bearer {token}"})
            answer = link.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append(time.monotonic() - started)
        return times

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(chain.from_iterable(clients.map(client, range(CLIENTS))))


def page_times(address: str) -> dict[str, list[float]]:
    """Times of whole HTML pages for a signed-in person, after one visit to warm up."""
    person = signed_in(address)
    times: dict[str, list[float]] = {page: [] for page in PAGES}
    for number in range(ROUNDS_OF_PAGES + 1):
        for page in PAGES:
            started = time.monotonic()
            answer = person.get(address + page)
            assert answer.status_code == 200, (page, answer.status_code)
            if number:
                times[page].append(time.monotonic() - started)
    return times


def signed_in(address: str) -> requests.Session:
    person, login = requests.Session(), f"{address}/account/login/"
    person.get(login)
    form = {
        "login": "bea",
        "password": "demo",
        "csrfmiddlewaretoken": person.cookies["csrftoken"],
    }
    answer = person.post(login, data=form, headers={"Referer": login})
    assert "/account/login" not in answer.url, "bea could not sign in"
    return person
