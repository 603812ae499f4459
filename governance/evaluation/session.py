"""A sealed DuckDB: it opens the files it is given and its scratch folder, and loads no extension."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np


def quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Session:
    """A DuckDB that sees the given files and its scratch folder only; queries can be cancelled."""

    def __init__(
        self, files: Sequence[Path], *, scratch: Path, memory: str, threads: int = 2
    ) -> None:
        self._connection = duckdb.connect(":memory:")
        allowed = ", ".join(literal(str(file)) for file in files)
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            f"allowed_paths = [{allowed}]",
            f"allowed_directories = [{literal(str(scratch))}]",
            f"temp_directory = {literal(str(scratch / 'spilled'))}",
            f"memory_limit = {literal(memory)}",
            f"threads = {threads}",
            # Groups with small whole-number keys are counted in an array instead of a hash table.
            "perfect_ht_threshold = 20",
            "allowed_configs = ['preserve_insertion_order']",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")
        self.tick: Callable[[float], None] = lambda done: None

    def forget_order(self) -> None:
        """Lets new tables take rows in any order, which spares much work."""
        self._connection.execute("SET preserve_insertion_order = false")

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._watched(sql, parameters, lambda answer: None)

    def row(self, sql: str, parameters: Sequence[object] = ()) -> dict[str, Any]:
        """Returns the one row of the answer by column name; without a row, nothing by each name."""

        def first(answer: duckdb.DuckDBPyConnection) -> dict[str, Any]:
            names = [column[0] for column in answer.description]
            return dict(zip(names, answer.fetchone() or [None] * len(names), strict=True))

        return self._watched(sql, parameters, first)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple]:
        return self._watched(sql, parameters, lambda answer: answer.fetchall())

    def dicts(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Returns the rows of the answer by column name."""

        def named(answer: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

        return self._watched(sql, parameters, named)

    def arrays(self, sql: str, parameters: Sequence[object] = ()) -> dict[str, np.ndarray]:
        """Returns the columns of the answer; in place of NULL stands 0."""

        def columns(answer: duckdb.DuckDBPyConnection) -> dict[str, np.ndarray]:
            found = answer.fetchnumpy()
            return {name: np.ma.filled(values, 0) for name, values in found.items()}

        return self._watched(sql, parameters, columns)

    def _watched(self, sql: str, parameters: Sequence[object], take: Callable) -> Any:
        """Runs the query in a thread, so that ticks can report and cancel while it runs."""
        outcome: dict[str, Any] = {}

        def work() -> None:
            try:
                outcome["value"] = take(self._connection.execute(sql, list(parameters)))
            except BaseException as error:
                outcome["error"] = error

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(0.1)
                self.tick(max(0.0, self._connection.query_progress()) / 100)
        except BaseException:
            self._connection.interrupt()
            thread.join()
            raise
        if "error" in outcome:
            raise outcome["error"]
        return outcome["value"]
