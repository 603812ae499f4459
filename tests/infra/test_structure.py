"""What is read from an ONNX file's bytes is what onnx itself reads, and no bytes break the reader."""

import sys

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.infra import running
from tests.infra import models

sys.path.insert(0, str(running.SANDBOX))
try:
    import structure
finally:
    sys.path.remove(str(running.SANDBOX))

KNOWN = {
    name: getattr(models, name)()
    for name in ("logistic", "not_a_number", "custom_operator", "own_function", "by_columns")
} | {"loop": models.loop(3), "outside": models.outside_weights("w.data")}


def read(content):
    return structure.read(memoryview(content))


def nodes_of(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from nodes_of(attribute.g)


@pytest.mark.parametrize("name", KNOWN)
def test_the_reader_agrees_with_onnx(name):
    content = KNOWN[name]
    model = onnx.load_from_string(content)

    found = read(content)

    inside = sum(len(function.node) for function in model.functions)
    assert found.nodes == sum(1 for _ in nodes_of(model.graph)) + inside
    assert found.domains == {one.domain: one.version for one in model.opset_import}
    assert found.producer == f"{model.producer_name} {model.producer_version}".strip()


def test_operators_in_the_body_of_a_loop_are_seen():
    model = onnx.load_from_string(models.loop(3))
    body = next(a.g for node in model.graph.node for a in node.attribute if a.name == "body")
    body.node[1].domain = "com.evil"

    assert read(model.SerializeToString()).custom == {"com.evil.Sin"}


def test_outside_files_are_seen_wherever_a_tensor_may_be():
    model = onnx.load_from_string(models.outside_weights("weights.data"))
    inner = onnx.load_from_string(models.loop(3))
    body = next(a.g for node in inner.graph.node for a in node.attribute if a.name == "body")
    body.initializer.append(model.graph.initializer[0])
    constant = onnx.helper.make_node("Constant", [], ["c"], value=model.graph.initializer[0])
    model.graph.node.append(constant)
    model.graph.ClearField("initializer")

    assert read(inner.SerializeToString()).outside == {"weights.data"}
    assert read(model.SerializeToString()).outside == {"weights.data"}


@pytest.mark.parametrize(
    "location", ["../w", "/etc/passwd", "a/../../w", "..", "c:\\w", "a\\..\\w", "", "file:///w"]
)
def test_a_location_outside_the_folder_climbs(location):
    assert structure.climbing({location, "w.data", "deep/w.data"}) == [location]


def test_graphs_nested_without_end_are_refused():
    graph = b""
    for _ in range(100):
        attribute = b"\x32" + length(graph) + graph
        node = b"\x2a" + length(attribute) + attribute
        graph = b"\x0a" + length(node) + node

    with pytest.raises(structure.Unreadable, match="nested more than"):
        read(b"\x3a" + length(graph) + graph)


def length(content):
    size, told = len(content), b""
    while size > 127:
        told += bytes([size & 127 | 128])
        size >>= 7
    return told + bytes([size])


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    survives(content)


@given(st.sampled_from(sorted(KNOWN)), st.integers(0, 2000), st.integers(0, 255))
def test_no_changed_byte_breaks_the_reader(name, at, byte):
    content = bytearray(KNOWN[name])
    content[at % len(content)] = byte
    survives(bytes(content))


@given(st.sampled_from(sorted(KNOWN)), st.integers(0, 2000))
def test_no_cut_breaks_the_reader(name, at):
    survives(KNOWN[name][: at % len(KNOWN[name])])


def survives(content):
    try:
        read(content)
    except structure.Unreadable as refusal:
        assert str(refusal).endswith(".")
