"""Real ONNX models for tests: trained ones, and small ones that misbehave each in its way."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

FEATURES = 4
FLOAT = TensorProto.FLOAT


def rows(count=40, *, seed=0):
    return np.random.default_rng(seed).normal(size=(count, FEATURES)).astype(np.float32)


def classifier():
    """A trained logistic regression: its scikit-learn self."""
    x = rows(200, seed=1)
    return LogisticRegression().fit(x, (x[:, 0] + x[:, 1] > 0).astype(int))


def logistic(*, zipmap=False):
    """The same as ONNX, whose `probabilities` has a column for each class."""
    options = None if zipmap else {"zipmap": False}
    return to_onnx(classifier(), rows(1), options=options).SerializeToString()


def graph(nodes, *, inputs=None, outputs=None, initializers=(), domains=()):
    made = helper.make_graph(
        nodes,
        "made",
        inputs or [helper.make_tensor_value_info("x", FLOAT, [None, FEATURES])],
        outputs or [helper.make_tensor_value_info("y", FLOAT, None)],
        list(initializers),
    )
    sets = [helper.make_opsetid("", 17), *(helper.make_opsetid(one, 1) for one in domains)]
    return helper.make_model(made, opset_imports=sets, ir_version=8)


def constant(name, value, kind=np.float32):
    return numpy_helper.from_array(np.array(value, dtype=kind), name)


def identity():
    return graph([helper.make_node("Identity", ["x"], ["y"])]).SerializeToString()


def not_a_number():
    """The logarithm of numbers that are negative at times."""
    return graph([helper.make_node("Log", ["x"], ["y"])]).SerializeToString()


def random_answers():
    nodes = [
        helper.make_node("RandomNormalLike", ["x"], ["noise"]),
        helper.make_node("Add", ["x", "noise"], ["y"]),
    ]
    return graph(nodes).SerializeToString()


def one_answer_for_all():
    return graph([helper.make_node("ReduceSum", ["x"], ["y"], keepdims=1)]).SerializeToString()


def loop(times):
    """Adds to the rows so many times in a loop; enough of them never end."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Sin", ["carried"], ["carried_on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried_on", FLOAT, None),
        ],
    )
    node = helper.make_node("Loop", ["times", "yes", "x"], ["y"], body=body)
    values = [constant("times", times, np.int64), constant("yes", True, np.bool_)]
    return graph([node], initializers=values).SerializeToString()


def glutton(megabytes):
    """Builds a tensor of so many megabytes on the way to its answer."""
    count = megabytes * 1024 * 1024 // 4
    nodes = [
        # from the rows, so that it is not folded away while the model is loaded
        helper.make_node("ReduceMax", ["x"], ["most"], keepdims=0),
        helper.make_node("Expand", ["most", "count"], ["large"]),
        helper.make_node("Sin", ["large"], ["larger"]),
        helper.make_node("ReduceMax", ["larger"], ["one"], keepdims=0),
        helper.make_node("Add", ["x", "one"], ["y"]),
    ]
    return graph(nodes, initializers=[constant("count", [count], np.int64)]).SerializeToString()


def custom_operator():
    node = helper.make_node("Exfiltrate", ["x"], ["y"], domain="com.evil")
    return graph([node], domains=["com.evil"]).SerializeToString()


def own_function():
    """A domain of its own whose one operator the model itself defines: nothing custom is needed."""
    function = helper.make_function(
        "mine", "Twice", ["a"], ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    made = graph([helper.make_node("Twice", ["x"], ["y"], domain="mine")], domains=["mine"])
    made.functions.append(function)
    return made.SerializeToString()


def outside_weights(location):
    """A model whose one weight lies in another file."""
    weight = onnx.TensorProto(name="w", data_type=FLOAT, dims=[FEATURES])
    weight.data_location = TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", location
    return graph(
        [helper.make_node("Add", ["x", "w"], ["y"])], initializers=[weight]
    ).SerializeToString()


def by_columns():
    """Takes a number and a word as columns of their own; answers the number."""
    inputs = [
        helper.make_tensor_value_info("amount", FLOAT, [None, 1]),
        helper.make_tensor_value_info("purpose", TensorProto.STRING, [None, 1]),
    ]
    nodes = [
        helper.make_node("Identity", ["amount"], ["y"]),
        helper.make_node("Identity", ["purpose"], ["z"]),
    ]
    outputs = [
        helper.make_tensor_value_info("y", FLOAT, [None, 1]),
        helper.make_tensor_value_info("z", TensorProto.STRING, [None, 1]),
    ]
    return graph(nodes, inputs=inputs, outputs=outputs).SerializeToString()


def in_pairs():
    """Takes exactly two rows at once."""
    inputs = [helper.make_tensor_value_info("x", FLOAT, [2, FEATURES])]
    return graph(
        [helper.make_node("Identity", ["x"], ["y"])], inputs=inputs
    ).SerializeToString()


def renamed(output):
    """The identity whose output goes by another name."""
    nodes = [helper.make_node("Identity", ["x"], [output])]
    outputs = [helper.make_tensor_value_info(output, FLOAT, None)]
    return graph(nodes, outputs=outputs).SerializeToString()
