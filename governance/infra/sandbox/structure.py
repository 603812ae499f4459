"""What an ONNX file says it needs, read from its bytes without building the model.

The file is protobuf (onnx.proto3): fields of a number and a type. Only the few that name operators
and outside files are followed; everything else is stepped over, so a weight costs nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MOST_NODES = 500_000
DEEPEST = 20

# The domains whose operators onnxruntime brings itself.
BUILT_IN = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Unreadable(Exception):
    """The bytes are not an ONNX model, or hold what is refused; the text is a sentence."""


@dataclass
class Structure:
    """What was found on the way."""

    producer: str = ""
    domains: dict[str, int] = field(default_factory=dict)
    custom: set[str] = field(default_factory=set)
    functions: set[tuple[str, str]] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    nodes: int = 0
    graphs: int = 0


def read(content: memoryview) -> Structure:
    """Follows the model; raises Unreadable for bytes that are no model."""
    found = Structure()
    operators: set[tuple[str, str]] = set()
    producer, number = "", ""
    for key, value in _fields(content):
        match key:
            case 2:
                producer = _text(value)
            case 3:
                number = _text(value)
            case 7:
                found.graphs += 1
                _graph(value, found, operators, 0)
            case 8:
                domain, version = _operator_set(value)
                found.domains[domain] = version
            case 25:
                _function(value, found, operators)
    if not found.graphs or not found.domains:
        raise Unreadable("The file is not an ONNX model: it holds no graph of operators.")
    found.producer = f"{producer} {number}".strip()[:100]
    found.custom = {
        f"{domain}.{name}" if domain else name
        for domain, name in operators - found.functions
        if domain not in BUILT_IN
    }
    return found


def climbing(outside: set[str]) -> list[str]:
    """The outside files that do not lie in the model's own folder."""
    return sorted(name for name in outside if not _stays(name))


def _stays(name: str) -> bool:
    path = PurePosixPath(name)
    plain = "\\" not in name and "\0" not in name and ":" not in name
    return bool(name) and plain and not path.is_absolute() and ".." not in path.parts


def _graph(
    content: memoryview, found: Structure, operators: set[tuple[str, str]], depth: int
) -> None:
    if depth > DEEPEST:
        raise Unreadable(f"The model's graphs are nested more than {DEEPEST} deep.")
    for key, value in _fields(content):
        match key:
            case 1:
                _node(value, found, operators, depth)
            case 5:
                _tensor(value, found)
            case 15:
                _sparse_tensor(value, found)


def _node(
    content: memoryview, found: Structure, operators: set[tuple[str, str]], depth: int
) -> None:
    found.nodes += 1
    if found.nodes > MOST_NODES:
        raise Unreadable(f"The model has more than {MOST_NODES:,} operators.")
    name = domain = ""
    for key, value in _fields(content):
        match key:
            case 4:
                name = _text(value)
            case 5:
                _attribute(value, found, operators, depth)
            case 7:
                domain = _text(value)
    operators.add((domain, name))


def _attribute(
    content: memoryview, found: Structure, operators: set[tuple[str, str]], depth: int
) -> None:
    for key, value in _fields(content):
        match key:
            case 5 | 10:
                _tensor(value, found)
            case 6 | 11:
                _graph(value, found, operators, depth + 1)
            case 22 | 23:
                _sparse_tensor(value, found)


def _function(content: memoryview, found: Structure, operators: set[tuple[str, str]]) -> None:
    name = domain = ""
    for key, value in _fields(content):
        match key:
            case 1:
                name = _text(value)
            case 7:
                _node(value, found, operators, 1)
            case 10:
                domain = _text(value)
            case 11:
                _attribute(value, found, operators, 1)
    found.functions.add((domain, name))


def _sparse_tensor(content: memoryview, found: Structure) -> None:
    for key, value in _fields(content):
        if key in (1, 2):
            _tensor(value, found)


def _tensor(content: memoryview, found: Structure) -> None:
    """Notes the outside file of a tensor whose numbers are not in the model itself."""
    for key, value in _fields(content):
        if key == 13:
            entry = dict(_fields(value))
            if _text(entry.get(1, b"")) == "location":
                found.outside.add(_text(entry.get(2, b"")))


def _operator_set(content: memoryview) -> tuple[str, int]:
    entry = dict(_fields(content))
    version = entry.get(2, 0)
    return _text(entry.get(1, b"")), version if isinstance(version, int) else 0


def _fields(content: memoryview | int) -> Iterator[tuple[int, "memoryview | int"]]:
    """Each field with its number; only whole numbers and byte strings carry a value."""
    if isinstance(content, int):
        raise Unreadable("The file is not an ONNX model: a part of it is a number.")
    at, end = 0, len(content)
    while at < end:
        tag, at = _varint(content, at)
        key, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(content, at)
            yield key, value
        elif kind == BYTES:
            size, at = _varint(content, at)
            if size > end - at:
                raise Unreadable("The file is cut off: a part of it is longer than the file.")
            yield key, content[at : at + size]
            at += size
        elif kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
            if at > end:
                raise Unreadable("The file is cut off in the middle of a number.")
        else:
            raise Unreadable("The file is not an ONNX model: its bytes are not protobuf.")


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(content) or shift > 63:
            raise Unreadable("The file is not an ONNX model: its bytes are not protobuf.")
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _text(value: "memoryview | bytes | int") -> str:
    if isinstance(value, int):
        raise Unreadable("The file is not an ONNX model: a name in it is a number.")
    return bytes(value[:1000]).decode("utf-8", "replace")
