"""Opens one ONNX model and tries it: rows through it, twice, timed, and beside stored answers.

Tells numbers and leaves it to others whether they are good enough.
"""

import json
import mmap
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import structure
from inputs import Unfit, batches, declared, from_columns, made_up

WARM_UPS = 5
MOST_OUTSIDE = 2_000
FEWEST_RUNS, MOST_RUNS = 20, 500
# Of the time that is left, so that golden rows have theirs.
SHARE_FOR_LATENCY = 0.3
PROVIDER = "CPUExecutionProvider"
OUTPUT = re.compile(r"(?P<name>.+?)(?:\[(?P<index>\d+)\])?")

Tell = Callable[..., None]


class Trial:
    """One model under trial; every step tells what it found as soon as it knows."""

    def __init__(self, task: Mapping[str, Any], tell: Tell) -> None:
        self.task, self.tell = task, tell
        self.deadline = time.monotonic() + task["seconds"]
        self.session: Any = None
        self.inputs: list = []

    def run(self) -> None:
        self.look()
        self.open()
        rows = self.rows()
        outputs = self.predict(rows)
        again = self.predict(rows)
        self.tell("outputs", **described(outputs, self.count(rows)))
        self.tell("again", **difference(outputs, again))
        self.time(rows)
        self.golden()

    def look(self) -> None:
        """Reads the structure and refuses what reaches outside, before anything is built."""
        with open(self.task["model"], "rb") as file:
            try:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise structure.Unreadable("The file is empty.") from None
            found = structure.read(memoryview(mapped))
        self.tell(
            "structure",
            producer=found.producer,
            operators=found.nodes,
            sets={name or "ai.onnx": version for name, version in found.domains.items()},
            outside=sorted(found.outside)[:MOST_OUTSIDE],
        )
        if climbing := structure.climbing(found.outside):
            raise structure.Unreadable(
                f"The model names weights outside its own folder ({climbing[0][:200]!r}); nothing is read from there."
            )
        if found.custom:
            names = ", ".join(sorted(found.custom)[:5])[:300]
            raise structure.Unreadable(
                f"The model needs operators that onnxruntime does not have ({names}); libraries of operators are never loaded."
            )

    def open(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        started = time.perf_counter()
        self.session = onnxruntime.InferenceSession(
            self.task["model"], options, providers=[PROVIDER]
        )
        self.tell(
            "opened",
            seconds=time.perf_counter() - started,
            providers=self.session.get_providers(),
            inputs=[[one.name, one.type, _sides(one.shape)] for one in self.session.get_inputs()][:200],
            outputs=[[one.name, one.type, _sides(one.shape)] for one in self.session.get_outputs()][:200],
        )  # fmt: skip

    def rows(self) -> dict[str, np.ndarray]:
        self.inputs = declared(self.session)
        if self.task.get("rows"):
            rows = from_columns(self.inputs, _columns(self.task["rows"]))
        else:
            rows = made_up(self.inputs)
        self.tell("rows", count=self.count(rows), made_up=not self.task.get("rows"))
        return rows

    def count(self, rows: Mapping[str, np.ndarray]) -> int:
        return next((len(values) for values in rows.values() if values.ndim), 1)

    def predict(self, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        names = [one.name for one in self.session.get_outputs()]
        parts = [self.session.run(None, part) for part in batches(self.inputs, rows)]
        count = self.count(rows)
        joined = {}
        for position, name in enumerate(names):
            arrays = [as_array(part[position], name) for part in parts]
            whole = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
            joined[name] = whole[:count] if len(arrays) > 1 else whole
        return joined

    def time(self, rows: Mapping[str, np.ndarray]) -> None:
        """Times single rows as a service would be asked them, then all rows at once."""
        budget = max(0.0, self.deadline - time.monotonic()) * SHARE_FOR_LATENCY
        one = {name: values[:1] if values.ndim else values for name, values in rows.items()}
        single = self.timed(batches(self.inputs, one)[0], budget / 2)
        whole = self.timed(batches(self.inputs, rows)[0], budget / 2)
        self.tell("latency", row=single, batch=whole, rows=self.count(rows))

    def timed(self, feed: Mapping[str, np.ndarray], budget: float) -> dict[str, float]:
        taken: list[float] = []
        until = time.perf_counter() + budget
        for _ in range(WARM_UPS):
            if time.perf_counter() < until:
                self.session.run(None, feed)
        while len(taken) < MOST_RUNS and time.perf_counter() < until:
            started = time.perf_counter()
            self.session.run(None, feed)
            taken.append((time.perf_counter() - started) * 1000)
        if len(taken) < FEWEST_RUNS:
            return {"runs": len(taken)}
        p50, p95 = np.percentile(taken, [50, 95])
        return {"runs": len(taken), "p50": float(p50), "p95": float(p95)}

    def golden(self) -> None:
        """Compares with the answers that were stored, column by column."""
        if not self.task.get("golden"):
            return
        columns = _columns(self.task["golden"])
        names = [one.name for one in self.session.get_outputs()]
        expected = self.task.get("expected") or {
            name: name for name in columns if _output_of(name, names)
        }
        if not expected:
            raise Unfit(
                "The golden rows have no column for an output; name one after an output "
                f"({', '.join(names[:5])[:200]}), with [position] where it has several values."
            )
        if gone := [name for name in expected if name not in columns]:
            raise Unfit(f"The golden rows have no column “{gone[0]}”.")
        given = {name: values for name, values in columns.items() if name not in expected}
        outputs = self.predict(from_columns(self.inputs, given))
        self.tell(
            "golden",
            rows=len(next(iter(columns.values()))),
            columns={
                column: beside(_pick(outputs, place), columns[column])
                for column, place in expected.items()
            },
        )


def as_array(value: Any, name: str) -> np.ndarray:
    """An output as an array; a list of mappings (class to probability) has a column for each class."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        classes = sorted(value[0])
        return np.array([[row[one] for one in classes] for row in value])
    raise Unfit(f"Output “{name}” is neither a tensor nor a list of probabilities by class.")


def described(outputs: Mapping[str, np.ndarray], rows: int) -> dict[str, Any]:
    """The shape of each output, and of those with fractions the smallest, largest and unusable values."""
    return {
        "rows": rows,
        "outputs": {
            name: {
                "shape": list(values.shape),
                "kind": str(values.dtype),
                **_extent(values),
            }
            for name, values in list(outputs.items())[:200]
        },
    }


def _extent(values: np.ndarray) -> dict[str, Any]:
    if values.dtype.kind != "f":
        return {"fractions": False}
    finite = values[np.isfinite(values)]
    return {
        "fractions": True,
        "unusable": int(values.size - finite.size),
        "low": float(finite.min()) if finite.size else None,
        "high": float(finite.max()) if finite.size else None,
    }


def difference(first: Mapping[str, np.ndarray], again: Mapping[str, np.ndarray]) -> dict:
    """The largest difference of two answers to the same rows, over all outputs."""
    largest, other = 0.0, 0
    for name, values in first.items():
        told = beside(values.reshape(-1), again[name].reshape(-1))
        largest = max(largest, told["largest"])
        other += told["other"]
    return {"largest": largest, "other": other}


def beside(found: np.ndarray, stored: np.ndarray) -> dict[str, Any]:
    """The largest difference of numbers, and how many values are another class or not a number."""
    if found.shape != stored.shape:
        raise Unfit("There are not as many answers as there are stored ones.")
    if found.dtype.kind == "f" and stored.dtype.kind in "fiub":
        a, b = found.astype(np.float64), stored.astype(np.float64)
        unusable = np.isfinite(a) != np.isfinite(b)
        both = np.isfinite(a) & np.isfinite(b)
        gap = np.abs(a[both] - b[both])
        return {
            "largest": float(gap.max()) if gap.size else 0.0,
            "other": int(unusable.sum()),
            "values": int(a.size),
        }
    if stored.dtype.kind in "fiub" and _are_numbers(found):
        same = found.astype(np.float64) == stored.astype(np.float64)
    else:
        same = found.astype(np.str_) == stored.astype(np.str_)
    return {"largest": 0.0, "other": int((~same).sum()), "values": int(same.size)}


def _are_numbers(values: np.ndarray) -> bool:
    """Whether they are numbers, also where they are written as text, as names of classes are."""
    try:
        values.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return True


def _output_of(column: str, names: list[str]) -> bool:
    match = OUTPUT.fullmatch(column)
    return column in names or bool(match and match["name"] in names)


def _pick(outputs: Mapping[str, np.ndarray], place: str) -> np.ndarray:
    """One value a row: `name`, or `name[1]` where an output has several."""
    match = OUTPUT.fullmatch(place)
    name = place if place in outputs else match["name"] if match else ""
    if name not in outputs:
        raise Unfit(f"The model has no output “{place[:100]}”.")
    values = outputs[name].reshape((len(outputs[name]), -1))
    position = int(match["index"]) if match and match["index"] and name != place else 0
    if name == place and values.shape[1] > 1:
        raise Unfit(
            f"Output “{name}” has {values.shape[1]} values a row; say which, as {name}[1]."
        )
    if position >= values.shape[1]:
        raise Unfit(f"Output “{name}” has only {values.shape[1]} values a row.")
    return values[:, position]


def _columns(path: str) -> dict[str, np.ndarray]:
    """The columns by name; text is kept as JSON, since arrays would pad each cell to the longest."""
    with np.load(path, allow_pickle=False) as stored:
        told = json.loads(stored["columns"].tobytes())
        return {
            one["name"]: np.array(one["text"], dtype=np.object_)
            if "text" in one
            else stored[f"column{at}"]
            for at, one in enumerate(told)
        }


def _sides(shape: Any) -> list:
    return [side if isinstance(side, int) else str(side or "any")[:50] for side in shape]
