"""Runs one embedded PostgreSQL for as long as some process uses it; a program of its own.

`database.py` starts it by path, on the standard library alone, so that a killed command never
leaves a server behind. It knows nothing of Django, of URLs or of what is in the database.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
# What PostgreSQL understands: SIGINT rolls back and stops in order, SIGQUIT stops at once.
STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
PATIENCE_SECONDS = 8


def dies_with_parent(signum: int) -> Callable[[], None]:
    """Returns a `preexec_fn` that asks Linux to send the signal when the parent dies."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os.kill(os.getpid(), signum)

    return ask


def start(command: list[str], *, alive: int, log: Path, account: dict) -> subprocess.Popen:
    """Starts PostgreSQL; it inherits the `alive` lock, so the lock tells whether it still runs."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(alive,),
            start_new_session=True,
            preexec_fn=dies_with_parent(STOP_SIGNALS[0]),
            **account,
        )


def stop(server: subprocess.Popen) -> None:
    """Stops PostgreSQL in order, and at once when it does not listen."""
    for signum in STOP_SIGNALS:
        if server.poll() is not None:
            return
        server.send_signal(signum)
        try:
            server.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def watch_users(users: Path, nobody_left: threading.Event) -> None:
    """Waits until no process holds the shared lock any more, however it ended."""
    with users.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        nobody_left.set()
        # Newcomers wait on this lock until the process, and with it PostgreSQL, is gone.
        threading.Event().wait()


def main(order: dict) -> int:
    nobody_left = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, lambda *_: nobody_left.set())
    server = start(
        order["command"], alive=order["alive"], log=Path(order["log"]), account=order["account"]
    )
    watcher = threading.Thread(
        target=watch_users, args=(Path(order["users"]), nobody_left), daemon=True
    )
    watcher.start()
    threading.Thread(target=lambda: (server.wait(), nobody_left.set()), daemon=True).start()
    nobody_left.wait()
    stop(server)
    return server.returncode or 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
