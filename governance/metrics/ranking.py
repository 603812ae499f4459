"""Metrics of ranked lists, computed from sums over queries; judges no value."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from governance.metrics import statistics
from governance.metrics.metric import Metric, Terms
from governance.metrics.statistics import Estimate


@dataclass(frozen=True)
class Queries:
    """Sums over the queries of one group that have something relevant, and of the squares.

    `rows` counts the ranked items, `empty` the queries left out since nothing in them is relevant.
    """

    rows: int
    queries: int
    empty: int
    ndcg: tuple[float, float]
    precision: tuple[float, float]
    reciprocal: tuple[float, float]
    is_weighted: bool = False


def _mean_of(name: str) -> Callable[[Queries, Terms], Estimate]:
    def compute(queries: Queries, terms: Terms) -> Estimate:
        if not queries.queries:
            return Estimate(None, method="no query has anything relevant")
        found = statistics.mean(*getattr(queries, name), queries.queries)
        left_out = f", {queries.empty:,} without anything relevant" if queries.empty else ""
        how = f"{found.method} over {queries.queries:,} queries{left_out}, first {terms.depth}"
        return Estimate(found.value, found.low, found.high, how)

    return compute


def _queries(queries: Queries, terms: Terms) -> Estimate:
    return Estimate(queries.queries, method="count")


def _n(queries: Queries, terms: Terms) -> Estimate:
    return Estimate(queries.rows, method="count")


RANKING = (
    Metric("n", "Rows", "rows", "", "Ranked items.", _n, highest=inf),
    Metric(
        "queries",
        "Queries",
        "queries",
        "",
        "Queries with something relevant to find.",
        _queries,
        highest=inf,
    ),
    Metric(
        "ndcg",
        "NDCG",
        "",
        "higher",
        "Gain of the first places, discounted by place, over that of the best order.",
        _mean_of("ndcg"),
    ),
    Metric(
        "map",
        "Mean average precision",
        "",
        "higher",
        "Mean precision at the relevant items among the first places; ties stand at their worst.",
        _mean_of("precision"),
    ),
    Metric(
        "mrr",
        "Mean reciprocal rank",
        "",
        "higher",
        "Mean of 1 over the place of the first relevant item; 0 beyond the first places.",
        _mean_of("reciprocal"),
    ),
)
