"""The whole server as a person starts, uses and stops it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from governance.runtime.database import EmbeddedDatabase
from governance.runtime.processes import PROJECT
from tests.patience import SECONDS, soon

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def servers():
    started: list[subprocess.Popen] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def server(servers, home, port) -> subprocess.Popen:
    """The running server; a new one when the test before has ended it."""
    if not servers or servers[-1].poll() is not None:
        servers.append(start(home, port))
        assert any("answers on" in line for line in servers[-1].stdout)
        assert soon(lambda: status(port, "/readyz") == 200)
    return servers[-1]


def start(home: Path, port: int) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DEBUG": "true", "IMPRIMATUR_HOME": str(home), "PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def processes_of(home: Path) -> dict[int, str]:
    """Finds what runs for this home, by the environment or the command that it carries."""
    found, mark = {}, os.fsencode(home)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if mark in command or mark in (folder / "environ").read_bytes():
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def worker_of(home: Path) -> int:
    """The oldest Celery worker, which is the master; 0 when there is none."""
    workers = (pid for pid, command in processes_of(home).items() if " worker " in command)
    return min(workers, default=0)


def test_probe_finds_all_it_needs(server, port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as response:
        assert json.load(response)["status"] == "ready"


def test_killed_worker_is_replaced(server, home):
    before = worker_of(home)

    os.kill(before, signal.SIGKILL)

    assert soon(lambda: worker_of(home) not in (0, before))


def test_ctrl_c_leaves_no_process_behind(server, home):
    server.send_signal(signal.SIGINT)

    output, _ = server.communicate(timeout=SECONDS)
    assert server.returncode == 0
    assert "Stopping." in output
    assert processes_of(home) == {}


def test_killed_supervisor_leaves_no_process_behind(server, home):
    server.kill()

    assert soon(lambda: not processes_of(home)), processes_of(home)
    assert not EmbeddedDatabase(home).is_alive()


def test_taken_port_is_named_before_anything_starts(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = start(home, other.getsockname()[1])
        output, _ = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert "cannot be used" in output
    assert processes_of(home) == {}
