"""The supervisor over toy children: it restarts what dies and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from governance.runtime.processes import PROJECT, Child, GaveUp, Supervisor
from tests.patience import SECONDS, soon

pytestmark = pytest.mark.processes
SLEEP = "import time; time.sleep(60)"
# A child with a child of its own; both write their numbers, and both are deaf to SIGTERM.
DEAF_FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(60)
"""
SUPERVISOR = """
import sys
from pathlib import Path
from governance.runtime.processes import Child, Supervisor
child = Child("toy", [sys.executable, "-c", sys.argv[2]], Path(sys.argv[1]))
supervisor = Supervisor([child])
with supervisor.running():
    print(child.process.pid, flush=True)
    supervisor.watch()
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def lives(pid: int) -> bool:
    """Tells whether the process runs; one that waits to be buried does not."""
    try:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
        )
        return state.stdout.strip()[:1] not in ("", "Z")
    except FileNotFoundError:
        return Path(f"/proc/{pid}").exists()


def test_dead_child_is_started_again(tmp_path):
    child = Child("toy", python(SLEEP), tmp_path / "log")
    supervisor = Supervisor([child], say=lambda _: None)

    with supervisor.running():
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        assert supervisor.watch(
            until=lambda: child.process.pid != first and lives(child.process.pid)
        )


def test_child_that_never_stays_alive_is_given_up(tmp_path):
    child = Child("toy", python("raise SystemExit(3)"), tmp_path / "log")
    supervisor = Supervisor([child], say=lambda _: None)

    with (
        supervisor.running(),
        pytest.raises(GaveUp, match="The toy process does not stay alive"),
    ):
        supervisor.watch()


def test_what_a_child_says_is_in_its_log(tmp_path):
    child = Child("toy", python("print('said')"), tmp_path / "logs" / "toy.log")

    with Supervisor([child]).running():
        child.process.wait()

    assert child.log.read_text() == "said\n"


def test_deaf_children_and_their_children_are_killed_in_time(tmp_path):
    child = Child("deaf", python(DEAF_FAMILY, str(tmp_path / "pids")), tmp_path / "log")
    started = time.monotonic()

    with Supervisor([child]).running():
        assert soon(lambda: len(family(tmp_path)) == 2)

    assert time.monotonic() - started < 10
    assert soon(lambda: not any(lives(pid) for pid in family(tmp_path)))


def family(folder: Path) -> list[int]:
    path = folder / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_the_supervisor_and_its_children(tmp_path, signum):
    supervisor, child = supervised(tmp_path)

    supervisor.send_signal(signum)

    assert supervisor.wait(SECONDS) == 0
    assert not lives(child)


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells children of a parent's death"
)
def test_killed_supervisor_takes_its_children_along(tmp_path):
    supervisor, child = supervised(tmp_path)

    supervisor.kill()
    supervisor.wait()

    assert soon(lambda: not lives(child))


def supervised(folder: Path) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(
        python(SUPERVISOR, str(folder / "log"), SLEEP),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process.stdout as output:
        return process, int(output.readline())
