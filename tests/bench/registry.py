"""Registry: the MLflow facade, with token, audit and gate, beside a stock `mlflow server` without."""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from governance.runtime.database import EmbeddedDatabase
from governance.runtime.processes import PROJECT
from tests.bench import _registry_load as load
from tests.bench.figures import ROUNDS, Row, at_most, times_less

MODELS = int(os.environ.get("BENCH_MODELS", "10000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "10")) / 2
CLIENTS = 8
API = "/api/2.0/mlflow/"
TICKS = os.sysconf("SC_CLK_TCK")

Request = tuple[str, str, dict]


def create_model() -> Request:
    return "POST", "registered-models/create", {"name": f"new-{uuid.uuid4().hex}"}


def create_version() -> Request:
    body = {"name": load.name(random.randrange(MODELS)), "source": "s3://bucket/model"}
    return "POST", "model-versions/create", body


def get_by_alias() -> Request:
    fields = {"name": load.name(random.randrange(MODELS)), "alias": load.ALIAS}
    return "GET", f"registered-models/alias?{urlencode(fields)}", {}


def set_alias() -> Request:
    number = random.randint(1, load.VERSIONS_EACH)
    name = load.name(random.randrange(MODELS))
    body = {"name": name, "alias": load.ALIAS, "version": str(number)}
    return "POST", "registered-models/alias", body


def search_models() -> Request:
    return "GET", "registered-models/search?max_results=100", {}


def search_versions() -> Request:
    return "GET", "model-versions/search?max_results=100", {}


OPERATIONS: dict[str, tuple[Callable[[], Request], float]] = {
    "create model": (create_model, 4),
    "create version": (create_version, 3),
    "get by alias": (get_by_alias, 2),
    "set unprotected alias": (set_alias, 3),
    "search models": (search_models, 5),
    "search versions, page of 100": (search_versions, 20),
}


@dataclass
class Contender:
    """A running server: where it listens, which process it is, and what it has shown."""

    name: str
    port: int
    process: subprocess.Popen
    headers: dict[str, str]
    started_in: float
    cpu: dict[str, list[float]] = field(default_factory=dict)
    rate: dict[str, list[float]] = field(default_factory=dict)

    def megabytes(self) -> float:
        """Memory of the process and its children, shared pages counted once."""
        return sum(_pss(pid) for pid in _family(self.process.pid)) / 1024


def rows() -> list[Row]:
    with contenders() as (ours, theirs, postgres):
        for _ in range(ROUNDS):
            for name, (operation, _goal) in OPERATIONS.items():
                for contender in (ours, theirs):
                    measure(contender, name, operation, postgres)
        memory = ours.megabytes(), theirs.megabytes()
    found = [row(name, ours, theirs, goal) for name, (_, goal) in OPERATIONS.items()]
    return [
        *found,
        at_most("registry server, resident memory", *memory, "MB", 1 / 3),
        at_most("registry server, start-up", ours.started_in, theirs.started_in, "s", 1 / 4),
    ]


def row(name: str, ours: Contender, theirs: Contender, goal: float) -> Row:
    rates = [f"{statistics.median(one.rate[name]):.0f}" for one in (ours, theirs)]
    cpu = [1000 * statistics.median(one.cpu[name]) for one in (ours, theirs)]
    label = f"{name} ({rates[0]} against {rates[1]} a second)"
    return times_less(label, *cpu, "ms CPU a request", goal)


def measure(
    contender: Contender, name: str, operation: Callable[[], Request], postgres: int
) -> None:
    """Lets the clients call for a while; notes calls a second and CPU seconds a call."""
    calls(contender, operation, 1.0)
    before = _cpu(contender.process.pid) + _cpu(postgres)
    count = calls(contender, operation, SECONDS)
    used = _cpu(contender.process.pid) + _cpu(postgres) - before
    contender.cpu.setdefault(name, []).append(used / count)
    contender.rate.setdefault(name, []).append(count / SECONDS)


def calls(contender: Contender, operation: Callable[[], Request], seconds: float) -> int:
    until = time.monotonic() + seconds

    def client(_number: int) -> int:
        link = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=30)
        count = 0
        while time.monotonic() < until:
            method, path, body = operation()
            link.request(
                method, API + path, json.dumps(body) if body else None, contender.headers
            )
            answer = link.getresponse()
            said = answer.read()
            assert answer.status == 200, (contender.name, answer.status, said[:300])
            count += 1
        return count

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(client, range(CLIENTS)))


@contextmanager
def contenders() -> Iterator[tuple[Contender, Contender, int]]:
    """Both servers with two processes each on one PostgreSQL, loaded alike."""
    with ExitStack() as stack:
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="imprimatur-bench-"))
        )
        database = EmbeddedDatabase(home)
        url = stack.enter_context(database.in_use())
        postgres = int((database.data / "postmaster.pid").read_text().splitlines()[0])
        environment = os.environ | {
            "DEBUG": "false",
            "SECRET_KEY": "k" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": url,
            "IMPRIMATUR_HOME": str(home),
        }
        token = load.ours(environment, MODELS)
        ours = stack.enter_context(imprimatur(environment, token))
        mlflow_url = load.make_mlflow_database(database)
        theirs = stack.enter_context(stock_mlflow(home, load.sqlalchemy_url(mlflow_url)))
        load.theirs(mlflow_url, MODELS)
        yield ours, theirs, postgres


@contextmanager
def imprimatur(environment: dict[str, str], token: str) -> Iterator[Contender]:
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "governance.wsgi:application", "--workers=2"]
    command += [f"--bind=127.0.0.1:{port}", "--worker-class=gthread", "--threads=4"]
    command += ["--no-control-socket"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with _running(command, environment, port, "/healthz") as (process, seconds):
        yield Contender("Imprimatur", port, process, headers, seconds)


@contextmanager
def stock_mlflow(home: Path, url: str) -> Iterator[Contender]:
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", url]
    command += ["--artifacts-destination", str(home / "mlflow"), "--port", str(port)]
    command += ["--workers", "2", "--uvicorn-opts", "--loop uvloop --http httptools"]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
    headers = {"Content-Type": "application/json"}
    with _running(command, environment, port, "/health") as (process, seconds):
        yield Contender("mlflow server", port, process, headers, seconds)


@contextmanager
def _running(
    command: list[str], environment: dict, port: int, path: str
) -> Iterator[tuple[subprocess.Popen, float]]:
    """Runs the server; gives it with the seconds until it answered, the second start of two.

    The first start makes the tables and fills the caches of files, which is not what is compared.
    """
    with tempfile.TemporaryFile() as log:
        for attempt in (1, 2):
            started = time.monotonic()
            process = subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=log, stderr=log
            )
            try:
                _wait(process, port, path, log)
                if attempt == 2:
                    yield process, time.monotonic() - started
            finally:
                process.terminate()
                process.wait(30)


def _wait(process: subprocess.Popen, port: int, path: str, log) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", path)
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            link.close()
    log.seek(0)
    raise RuntimeError(log.read().decode()[-3000:])


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _family(pid: int) -> list[int]:
    """The process and all it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [pid]
    for child in children.read_text().split() if children.exists() else []:
        found += _family(int(child))
    return found


def _cpu(pid: int) -> float:
    """CPU seconds of the family, those of children that have ended included."""
    total = 0
    for member in _family(pid):
        try:
            stat = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(ticks) for ticks in stat[11:15])
    return total / TICKS


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
