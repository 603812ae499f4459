"""The folder that carries Celery's messages on one machine: kombu's, made safe among processes.

kombu writes a message under the name that readers look for, so a quick reader finds half of it;
it moves what it takes across file systems, so two may take the same; and it rewrites the table
of bindings in place. Here every file appears whole and is taken by one rename.
A message taken by a worker that dies is gone: the job rows know, and the sweeper sends it again.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

binding = filesystem.exchange_queue_t


class Channel(filesystem.Channel):
    """Puts, takes and binds with one atomic rename each."""

    @property
    def _folder(self) -> Path:
        return Path(self.data_folder_in)

    def get_table(self, exchange: str) -> list[binding]:
        try:
            return [binding(*row) for row in loads(self._exchange_file(exchange).read_text())]
        except FileNotFoundError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = binding(routing_key or "", pattern or "", queue or "")
        with self._changing_tables():
            rows = self.get_table(exchange)
            if row not in rows:
                self._write_table(exchange, [row, *rows])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any
    ) -> None:
        self._purge(queue)
        row = binding(routing_key or "", pattern or "", queue or "")
        with self._changing_tables():
            self._write_table(exchange, [r for r in self.get_table(exchange) if r != row])

    def _put(self, queue: str, payload: dict, **_: Any) -> None:
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        write_whole(self._folder / name, dumps(payload))

    def _get(self, queue: str) -> dict:
        for name in sorted(os.listdir(self._folder)):
            if name.partition(".")[2] == f"{queue}.msg":
                taken = self._folder / f".{name}.taken"
                with suppress(FileNotFoundError):  # another worker was faster
                    (self._folder / name).rename(taken)
                    text = taken.read_text()
                    taken.unlink()
                    return loads(text)
        raise Empty

    def _write_table(self, exchange: str, rows: list[binding]) -> None:
        write_whole(self._exchange_file(exchange), dumps(rows))

    @contextmanager
    def _changing_tables(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """kombu's transport with the channel above; refuses a folder it cannot write."""

    Channel = Channel
    # A full disk or a folder taken away is a broker that is away, for those who send.
    connection_errors = (*filesystem.Transport.connection_errors, OSError)

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        # kombu remembers bindings for the whole process, also those made in another folder.
        self.state = virtual.BrokerState()

    def establish_connection(self) -> Any:
        folder = self.client.transport_options["data_folder_in"]
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise ConnectionError(f"The broker's folder {folder} cannot be written.")
        return super().establish_connection()


def write_whole(path: Path, text: str) -> None:
    """Makes the file appear with all of its text or not at all."""
    unfinished = path.with_name(f".{uuid.uuid4()}.unfinished")
    unfinished.write_text(text)
    unfinished.rename(path)
