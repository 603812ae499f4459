"""Pairs the predictions of classes, labels, numbers and rankings on identical rows; judges nothing.

Every metric here is a function of means over rows. Its difference between two versions is
linearised: what each row adds to it has a variance, and that gives the interval. Averages over
classes are drawn again from the counts of label, first and second prediction.
"""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from governance.evaluation.kinds.ranking import per_query
from governance.evaluation.pairing import Opened
from governance.evaluation.session import literal
from governance.metrics import bootstrap, multiclass
from governance.metrics.statistics import Z95, Estimate
from governance.metrics.tally import SMALLEST_PROBABILITY

MEAN = "paired mean difference"
LINEARISED = "paired, linearised"
DRAWN = f"paired {bootstrap.METHOD}"


@dataclass(frozen=True)
class Linear:
    """One metric's difference: its value from means m_<name>, and what a row adds to it."""

    value: str
    added: str
    method: str = LINEARISED


def mean_of(first: str, second: str) -> Linear:
    """The difference of two means is the mean of differences."""
    value = f"m_{first} - m_{second}"
    return Linear(value, f"({first} - {second}) - ({value})", MEAN)


def ratio_of(above: str, below: str) -> Linear:
    """The difference of two ratios of sums; names end in _a for the first and _b for the second."""
    parts = []
    for side in "ab":
        x, y = f"{above}_{side}", f"{below}_{side}"
        parts.append((f"m_{x} / m_{y}", f"({x} - m_{x} / m_{y} * {y}) / m_{y}"))
    (first, of_first), (second, of_second) = parts
    return Linear(f"{first} - {second}", f"{of_first} - {of_second}")


ROOTS = Linear(
    "sqrt(m_e2_a) - sqrt(m_e2_b)",
    "(e2_a - m_e2_a) / (2 * sqrt(m_e2_a)) - (e2_b - m_e2_b) / (2 * sqrt(m_e2_b))",
)
SPREAD = "(m_l2 - m_l * m_l)"
GAIN = "(m_e2_b - m_e2_a)"
EXPLAINED = Linear(
    f"{GAIN} / {SPREAD}",
    f"((e2_b - e2_a) - {GAIN}) / {SPREAD} "
    f"- {GAIN} / ({SPREAD} * {SPREAD}) * ((l2 - m_l2) - 2 * m_l * (l - m_l))",
)


@dataclass(frozen=True)
class Differing:
    """The differences of one group of rows, by metric."""

    field: str
    value: str
    rows: int
    found: dict[str, Estimate]


def differing(opened: Opened, task: str, *, slices: bool) -> Iterator[Differing]:
    """Yields the differences of all rows, then those of every slice."""
    join(opened)
    of_task = {
        "regression": _regression,
        "multiclass": _multiclass,
        "multilabel": _multilabel,
        "ranking": _ranking,
    }[task]
    for index in (None, *(range(len(opened.columns.slices)) if slices else ())):
        for code, (rows, found) in sorted(of_task(opened, index).items()):
            if index is None:
                yield Differing("", "", rows, found)
            else:
                slicing = opened.columns.slices[index]
                named = opened.numbering.named(slicing, code)
                yield Differing(slicing.title, named, rows, found)


def join(opened: Opened) -> None:
    """Keeps both predictions of every row as the table `sides`."""
    first, second, by = opened.first, opened.second, opened.by
    own = [name for name, _ in opened.second_parts]
    weight = "a.weight" if opened.columns.weight else "1.0::DOUBLE"
    codes = "".join(
        f", coalesce({opened.numbering.code(one)}, 0) AS c{i}"
        for i, one in enumerate(opened.columns.slices)
    )
    theirs = ", ".join(f"{name} AS other_{name}" for name in own)
    left_out = " EXCLUDE (weight)" if opened.columns.weight else ""
    opened.session.run(
        f"CREATE TEMP TABLE sides AS SELECT *{codes} FROM (SELECT a.*{left_out}, {weight} AS w, "
        f"b.* EXCLUDE ({by}) FROM {first.relation} AS a JOIN (SELECT {by}, {theirs} FROM "
        f"{second.relation}) AS b USING ({by}))",
        [*first.parameters, *second.parameters],
    )
    opened.refuse_unpaired("sides")


def _code(index: int | None) -> str:
    return "0" if index is None else f"c{index}"


Found = dict[int, tuple[int, dict[str, Estimate]]]


def _linear(
    opened: Opened, index: int | None, quantities: dict[str, str], metrics: dict[str, Linear]
) -> Found:
    """Two passes: the means of every group, then the variance of what each row adds."""
    each = ", ".join(f"({sql})::DOUBLE AS {name}" for name, sql in quantities.items())
    means = ", ".join(f"sum(w * {name}) / sum(w) AS m_{name}" for name in quantities)
    session = opened.session
    session.run(
        f"CREATE OR REPLACE TEMP TABLE added AS SELECT {_code(index)} AS code, w, {each} FROM sides"
    )
    session.run(
        "CREATE OR REPLACE TEMP TABLE totals AS SELECT code, count(*) AS rows, sum(w) AS n, "
        f"sum(w * w) AS squares, {means} FROM added GROUP BY code"
    )
    sums = ", ".join(
        f"any_value({one.value}) AS v_{key}, sum(w * pow({one.added}, 2)) AS s_{key}"
        for key, one in metrics.items()
    )
    found = session.dicts(
        "SELECT code, any_value(rows) AS rows, any_value(n) AS n, any_value(squares) AS squares, "
        f"{sums} FROM added JOIN totals USING (code) GROUP BY code"
    )
    return {
        int(row["code"]): (
            row["rows"],
            {key: _estimate(row, key, metrics[key]) for key in metrics},
        )
        for row in found
    }


def _estimate(row: dict, key: str, metric: Linear) -> Estimate:
    value, squares = row[f"v_{key}"], row[f"s_{key}"]
    if value is None or squares is None or not np.isfinite([value, squares]).all():
        return Estimate(None, method="undefined")
    rows = row["n"] ** 2 / row["squares"]
    if rows < 2:
        return Estimate(value)
    half = Z95 * sqrt(squares / row["n"] / (rows - 1))
    return Estimate(value, value - half, value + half, metric.method)


def _regression(opened: Opened, index: int | None) -> Found:
    session, below = opened.session, opened.terms.quantile
    facts = session.row(
        "SELECT avg(label) AS origin, count(*) FILTER (label = 0) AS zeros FROM sides"
    )
    quantities = {"l": f"label - {facts['origin']!r}::DOUBLE"}
    quantities["l2"] = f"pow({quantities['l']}, 2)"
    for side, name in (("a", "prediction"), ("b", "other_prediction")):
        e = f"({name} - label)"
        quantities |= {
            f"e_{side}": e,
            f"abs_{side}": f"abs({e})",
            f"e2_{side}": f"pow({e}, 2)",
            f"pin_{side}": f"CASE WHEN {e} < 0 THEN {-below!r} ELSE {1 - below!r} END * {e}",
            f"share_{side}": f"abs({e} / nullif(label, 0))",
        }
    metrics = {
        "mae": mean_of("abs_a", "abs_b"),
        "rmse": ROOTS,
        "r2": EXPLAINED,
        "bias": mean_of("e_a", "e_b"),
        "pinball": mean_of("pin_a", "pin_b"),
    }
    if not facts["zeros"]:
        metrics["mape"] = mean_of("share_a", "share_b")
    return _linear(opened, index, quantities, metrics)


def _multilabel(opened: Opened, index: int | None) -> Found:
    names = list(opened.columns.labels)
    orders = [list(one.scores) for one in (opened.columns, opened.second.columns)]
    thresholds = (opened.terms.threshold, opened.other_threshold)
    quantities: dict[str, str] = {}
    for side, prefix, order, threshold in zip(
        "ab", ("", "other_"), orders, thresholds, strict=True
    ):
        truth = [f"(label{i} = 1)::INTEGER" for i in range(len(names))]
        made = [f"({prefix}score{order.index(n)} >= {threshold!r})::INTEGER" for n in names]
        pairs = list(zip(truth, made, strict=True))
        hits = " + ".join(f"{t} * {p}" for t, p in pairs)
        wrong = " + ".join(f"({t} <> {p})::INTEGER" for t, p in pairs)
        quantities |= {
            f"hits_{side}": hits,
            f"twice_{side}": f"2 * ({hits})",
            f"true_{side}": " + ".join(truth),
            f"made_{side}": " + ".join(made),
            f"both_{side}": f"{' + '.join(truth)} + {' + '.join(made)}",
            f"wrong_{side}": f"({wrong}) / {len(names)}",
            f"right_{side}": f"(({wrong}) = 0)::INTEGER",
        }
    return _linear(
        opened,
        index,
        quantities,
        {
            "subset_accuracy": mean_of("right_a", "right_b"),
            "hamming_loss": mean_of("wrong_a", "wrong_b"),
            "f1_micro": ratio_of("twice", "both"),
            "precision_micro": ratio_of("hits", "made"),
            "recall_micro": ratio_of("hits", "true"),
        },
    )


def _multiclass(opened: Opened, index: int | None) -> Found:
    quantities = {
        "hit_a": "(prediction = label)::INTEGER",
        "hit_b": "(other_prediction = label)::INTEGER",
    }
    metrics = {"accuracy": mean_of("hit_a", "hit_b")}
    scores = [one.scores for one in (opened.columns, opened.second.columns)]
    if all(scores):
        quantities |= {
            f"loss_{side}": _loss(prefix, named)
            for side, prefix, named in zip("ab", ("", "other_"), scores, strict=True)
        }
        metrics["logloss"] = mean_of("loss_a", "loss_b")
    found = _linear(opened, index, quantities, metrics)
    for code, drawn in _averages(opened, index).items():
        found[code][1].update(drawn)
    return found


def _loss(prefix: str, scores: dict[str, str]) -> str:
    places = range(len(scores))
    whole = " + ".join(f"{prefix}score{i}" for i in places)
    cases = " ".join(
        f"WHEN label = {literal(name)} THEN {prefix}score{i}" for i, name in enumerate(scores)
    )
    least = repr(SMALLEST_PROBABILITY)
    return f"-ln(coalesce(greatest(CASE {cases} END / nullif({whole}, 0), {least}), {least}))"


def _averages(opened: Opened, index: int | None) -> dict[int, dict[str, Estimate]]:
    cells = opened.session.dicts(
        f"SELECT {_code(index)} AS code, label, prediction, other_prediction, sum(w)::DOUBLE AS n, "
        "sum(w * w)::DOUBLE AS squares FROM sides GROUP BY ALL ORDER BY ALL"
    )
    by_code: dict[int, list[dict]] = {}
    for cell in cells:
        by_code.setdefault(int(cell["code"]), []).append(cell)
    return {code: _drawn(own) for code, own in by_code.items()}


def _drawn(cells: list[dict]) -> dict[str, Estimate]:
    """Draws the cells of every label again and takes both confusion matrices from each draw."""
    parts = ("label", "prediction", "other_prediction")
    classes = sorted({cell[part] for cell in cells for part in parts})
    place = {name: i for i, name in enumerate(classes)}
    design = sum(cell["squares"] for cell in cells) / sum(cell["n"] for cell in cells)
    labels = sorted({cell["label"] for cell in cells})
    own = [[cell for cell in cells if cell["label"] == label] for label in labels]
    strata = [np.array([cell["n"] for cell in some]) / design for some in own]
    marks = [
        [np.eye(len(classes))[[place[cell[part]] for cell in some]] for some in own]
        for part in parts[1:]
    ]

    def confusion(drawn: list[np.ndarray], side: int) -> np.ndarray:
        counts = np.zeros((len(drawn[0]), len(classes), len(classes)))
        for label, some, mark in zip(labels, drawn, marks[side], strict=True):
            counts[:, place[label]] = some @ mark
        return counts

    found = {}
    for key, average in multiclass.AVERAGES.items():

        def difference(drawn: list[np.ndarray], average: object = average) -> np.ndarray:
            return average(confusion(drawn, 0)) - average(confusion(drawn, 1))

        value = float(difference([counts[None] for counts in strata])[0])
        drawn = bootstrap.estimate(value, strata, difference)
        how = DRAWN if drawn.has_interval else drawn.method
        found[key] = Estimate(drawn.value, drawn.low, drawn.high, how)
    return found


def _ranking(opened: Opened, index: int | None) -> Found:
    """Queries are the rows here: each has a value by the first order and one by the second."""
    depth = opened.terms.depth
    sides = [
        f"({per_query(f'(SELECT query, label, {score} AS score, {_code(index)} AS code FROM sides)', 'code', depth)})"
        for score in ("score", "other_score")
    ]
    opened.session.run(
        "CREATE OR REPLACE TEMP TABLE queries AS SELECT a.code, a.items, "
        + ", ".join(
            f"a.{one} AS {one}_a, b.{one} AS {one}_b"
            for one in ("ndcg", "precision", "reciprocal")
        )
        + f" FROM {sides[0]} AS a JOIN {sides[1]} AS b USING (code, query) WHERE a.relevant > 0"
    )
    found = opened.session.dicts(
        "SELECT code, sum(items)::BIGINT AS rows, count(*) AS n, "
        + ", ".join(
            f"avg({one}_a - {one}_b) AS {one}, var_samp({one}_a - {one}_b) AS {one}_variance"
            for one in ("ndcg", "precision", "reciprocal")
        )
        + " FROM queries GROUP BY code"
    )
    keys = {"ndcg": "ndcg", "map": "precision", "mrr": "reciprocal"}
    return {
        int(row["code"]): (
            row["rows"],
            {key: _of_queries(row, one) for key, one in keys.items()},
        )
        for row in found
    }


def _of_queries(row: dict, name: str) -> Estimate:
    value, variance = row[name], row[f"{name}_variance"]
    if variance is None:
        return Estimate(value)
    half = Z95 * sqrt(variance / row["n"])
    return Estimate(value, value - half, value + half, f"{MEAN} over {row['n']:,} queries")
