"""Tallies ranked lists: the value of each query, added up."""

# Codes come from the engine, all else are names given here and whole numbers.
# ruff: noqa: S608

from typing import TYPE_CHECKING

from governance.evaluation.curves import Points
from governance.evaluation.slices import Slicing
from governance.metrics.ranking import Queries

if TYPE_CHECKING:
    from governance.evaluation.engine import Run

SUMS = ("ndcg", "precision", "reciprocal")


class Ranking:
    """Inside a slice the items of a query are ranked among themselves."""

    def __init__(self, run: "Run") -> None:
        self.run = run

    def tallied(self) -> tuple[Queries, list]:
        run, slices = self.run, []
        run.step("Ranking every query")
        overall = next(iter(self._queries("0").values()))
        for slicing in run.columns.slices:
            run.step(f"Ranking by {slicing.title}")
            slices += self._slices_of(slicing)
        return overall, slices

    def curves(self, overall: Queries) -> dict[str, Points]:
        return {}

    def _slices_of(self, slicing: Slicing) -> list:
        found = self._queries(f"coalesce({self.run.numbering.code(slicing)}, 0)")
        self.run.numbering.check_crossed(slicing, len(found))
        return [
            (slicing.title, self.run.numbering.named(slicing, code), queries, "ranking")
            for code, queries in sorted(found.items())
        ]

    def _queries(self, code: str) -> dict[int, Queries]:
        sums = ", ".join(
            f"coalesce(sum({one}), 0)::DOUBLE AS {one}, "
            f"coalesce(sum({one} * {one}), 0)::DOUBLE AS {one}2"
            for one in SUMS
        )
        found = self.run.session.dicts(
            "SELECT code, sum(items)::BIGINT AS rows, count(*) FILTER (relevant > 0) AS queries, "
            f"count(*) FILTER (relevant = 0) AS empty, {sums} FROM "
            f"({per_query(self.run.rows.relation, code, self.run.terms.depth)}) GROUP BY code",
            self.run.rows.parameters,
        )
        return {int(row["code"]): _queries_of(row) for row in found}


def per_query(relation: str, code: str, depth: int) -> str:
    """SQL of the value of each query in each slice (`code`); none where nothing is relevant.

    Ties share the mean gain of their places; for precision they stand at their worst.
    """
    query = "PARTITION BY code, query"
    return f"""
        WITH items AS (
            SELECT {code} AS code, query, label, score FROM {relation}
        ), placed AS (
            SELECT code, query, label,
                row_number() OVER ({query} ORDER BY score DESC, label) AS place,
                row_number() OVER ({query} ORDER BY label DESC) AS best,
                avg(label) OVER ({query}, score) AS gain
            FROM items
        ), counted AS (
            SELECT *, sum(CASE WHEN label > 0 THEN 1 ELSE 0 END)
                OVER ({query} ORDER BY place) AS found
            FROM placed
        ), valued AS (
            SELECT code, query, count(*) AS items,
                count(*) FILTER (label > 0) AS relevant,
                sum(CASE WHEN place <= {depth} THEN gain / log2(place + 1) ELSE 0 END) AS gained,
                sum(CASE WHEN best <= {depth} THEN label / log2(best + 1) ELSE 0 END) AS ideal,
                sum(CASE WHEN place <= {depth} AND label > 0 THEN found / place ELSE 0 END)
                    AS precise,
                min(CASE WHEN place <= {depth} AND label > 0 THEN place END) AS first
            FROM counted GROUP BY code, query
        )
        SELECT code, query, items, relevant,
            CASE WHEN relevant > 0 THEN gained / ideal END AS ndcg,
            CASE WHEN relevant > 0 THEN precise / least(relevant, {depth}) END AS precision,
            CASE WHEN relevant > 0 THEN coalesce(1.0 / first, 0) END AS reciprocal
        FROM valued
    """


def _queries_of(row: dict) -> Queries:
    pairs = {one: (row[one], row[f"{one}2"]) for one in SUMS}
    return Queries(row["rows"], row["queries"], row["empty"], **pairs)
