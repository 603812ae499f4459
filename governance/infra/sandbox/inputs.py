"""Rows as a model takes them: from the columns of a table, or made up from the declared inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MADE_ROWS = 64
SEED = 42
WIDEST = 100_000

KINDS: dict[str, type] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint64)": np.uint64,
    "tensor(uint32)": np.uint32,
    "tensor(uint16)": np.uint16,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


class Unfit(Exception):
    """The rows and the model's inputs do not go together; the text is a sentence."""


@dataclass(frozen=True)
class Input:
    """One declared input. `shape` has a number for each fixed side and nothing for a free one."""

    name: str
    kind: str
    shape: tuple[int | None, ...]

    @property
    def batch(self) -> int | None:
        """How many rows it takes at once; nothing when any number will do."""
        return self.shape[0] if self.shape else None

    @property
    def row_shape(self) -> tuple[int | None, ...]:
        return self.shape[1:]

    @property
    def width(self) -> int | None:
        """Values a row; nothing when the model leaves it open."""
        if any(side is None for side in self.row_shape):
            return None
        return int(np.prod(self.row_shape, dtype=np.int64)) if self.row_shape else 1


def declared(session: Any) -> list[Input]:
    """The inputs of the opened model; refuses kinds that no row can be turned into."""
    found = []
    for one in session.get_inputs():
        if one.type not in KINDS:
            raise Unfit(f"Input “{one.name}” is a {one.type}, which no table of rows can fill.")
        sides = tuple(s if isinstance(s, int) and s > 0 else None for s in one.shape)
        found.append(Input(one.name, one.type, sides))
    if not found:
        raise Unfit("The model takes no input, so it predicts nothing about a row.")
    return found


def made_up(inputs: Sequence[Input]) -> dict[str, np.ndarray]:
    """Seeded random rows that fit the declared inputs; a free side beyond the rows is 1."""
    random = np.random.default_rng(SEED)
    batch = _batch(inputs)
    rows = MADE_ROWS if batch is None else batch
    made = {}
    for one in inputs:
        shape = (rows, *(side or 1 for side in one.row_shape)) if one.shape else ()
        if np.prod(shape, dtype=np.float64) > WIDEST * MADE_ROWS:
            raise Unfit(f"Input “{one.name}” is too large to make rows up for it; send rows.")
        made[one.name] = _random(random, one.kind, shape)
    return made


def from_columns(
    inputs: Sequence[Input], columns: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Fills inputs by columns of their name, or one input by all columns in their order."""
    if all(one.name in columns and one.width in (1, None) for one in inputs):
        return {
            one.name: _as_kind(one, columns[one.name], one.name).reshape(
                (-1, *(1 for _ in one.row_shape))
            )
            for one in inputs
        }
    if len(inputs) == 1:
        return {inputs[0].name: _as_vector(inputs[0], columns)}
    missing = [one.name for one in inputs if one.name not in columns]
    named = ", ".join(f"“{name}”" for name in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    if missing:
        raise Unfit(f"The rows have no column for the inputs {named}{more}.")
    raise Unfit("Inputs of several values a row can only be filled when there is one input.")


def batches(
    inputs: Sequence[Input], rows: Mapping[str, np.ndarray]
) -> list[dict[str, np.ndarray]]:
    """The rows in the portions that the model takes; a last, smaller one is filled by repeating rows."""
    size = _batch(inputs)
    if size is None or not any(one.shape for one in inputs):
        return [dict(rows)]
    count = len(next(iter(rows.values())))
    portions = []
    for start in range(0, count, size):
        index = np.arange(start, start + size) % count
        portions.append({name: values[index] for name, values in rows.items()})
    return portions


def _batch(inputs: Sequence[Input]) -> int | None:
    fixed = {one.batch for one in inputs if one.shape and one.batch is not None}
    if len(fixed) > 1:
        raise Unfit("The model's inputs demand different numbers of rows at once.")
    return fixed.pop() if fixed else None


def _as_vector(one: Input, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    width = one.width
    if width is not None and width != len(columns):
        raise Unfit(
            f"The model takes {width} values a row in “{one.name}”; the rows have {len(columns)} columns."
        )
    stacked = np.stack([_as_kind(one, values, name) for name, values in columns.items()], 1)
    if width is None:
        free = sum(side is None for side in one.row_shape)
        if free > 1 or len(one.row_shape) > 1:
            raise Unfit(f"Input “{one.name}” has several free sides; no table can fill it.")
        return stacked
    return stacked.reshape((-1, *one.row_shape))


def _as_kind(one: Input, values: np.ndarray, column: str) -> np.ndarray:
    wanted = KINDS[one.kind]
    if wanted is np.object_:
        return np.array([str(one) for one in values], dtype=np.object_)
    if values.dtype.kind == "O":
        raise Unfit(f"Column “{column}” holds text; the model wants {one.kind} there.")
    if values.dtype.kind == "f" and np.dtype(wanted).kind in "iub":
        whole = np.isfinite(values).all() and (values == np.floor(values)).all()
        if not whole:
            raise Unfit(
                f"Column “{column}” holds fractions or gaps; the model wants {one.kind} there."
            )
    return values.astype(wanted)


def _random(random: np.random.Generator, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    wanted = KINDS[kind]
    if wanted is np.object_:
        return random.choice(np.array(["a", "b", "c"], dtype=np.object_), size=shape)
    if wanted is np.bool_:
        return random.integers(0, 2, size=shape).astype(wanted)
    if np.dtype(wanted).kind in "iu":
        return random.integers(0, 10, size=shape).astype(wanted)
    return random.standard_normal(size=shape).astype(wanted)
