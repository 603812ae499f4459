"""Search over models and versions: a filter and an order become one statement and a page of JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from governance.accounts.models import User
from governance.api.mlflow import wire
from governance.api.mlflow.pages import Key, read_token, token_after
from governance.api.mlflow.search import Comparison, Sort
from registry import queries
from registry.models import INDEXED_VALUE, IS_PROMPT

SQL_COMPARATOR = {"LIKE": "LIKE", "ILIKE": "ILIKE", "!=": "<>"}


@dataclass(frozen=True)
class Kind:
    """A searchable kind of object: its JSON, table, tags, and what it is ordered and filtered by."""

    name: str
    key: str
    json: str
    table: str
    live: str
    tags: str
    tagged: str
    columns: dict[str, str]
    order: tuple[Sort, ...]
    tie_breakers: tuple[Sort, ...]


MODELS = Kind(
    name="registered_models",
    key="m.id",
    json=wire.MODEL,
    table=wire.MODELS,
    live="m.deleted_at IS NULL",
    tags="SELECT true FROM registry_modeltag t WHERE t.model_id = m.id",
    tagged="SELECT t.model_id FROM registry_modeltag t",
    columns={"name": "m.name", "created": "m.created_at", "updated": "m.updated_at"},
    order=(),
    tie_breakers=(Sort("name", True),),
)
VERSIONS = Kind(
    name="model_versions",
    key="v.id",
    json=wire.VERSION,
    table=wire.VERSIONS,
    live="v.deleted_at IS NULL",
    tags="SELECT true FROM registry_versiontag t WHERE t.version_id = v.id",
    tagged="SELECT t.version_id FROM registry_versiontag t",
    columns={
        "name": "m.name",
        "number": "v.number",
        "created": "v.created_at",
        "updated": "v.updated_at",
        "run_id": "v.run_id",
        "source_path": "v.source",
        "version_number": "v.number",
    },
    order=(Sort("updated", False),),
    tie_breakers=(Sort("name", True), Sort("number", False)),
)


@dataclass
class Clause:
    """A piece of SQL with its parameters."""

    sql: str
    parameters: list


def search(
    kind: Kind,
    comparisons: Sequence[Comparison],
    sorts: Sequence[Sort],
    *,
    most: int,
    token: str,
    user: User,
) -> str:
    """A page of objects the person may see, as the JSON of the whole answer."""
    order = _full_order(kind, sorts)
    identity = [kind.name, *comparisons, *order]
    types = [str if sort.key == "name" else int for sort in order]
    after = read_token(token, search=identity, columns=types)
    clauses = [Clause(kind.live, []), Clause(*queries.seen(user))]
    clauses += [_clause(kind, one) for one in comparisons]
    if not any(_is_about_prompts(one) for one in comparisons):
        clauses.append(_prompts(kind, wanted=False))
    if after is not None:
        clauses.append(_behind(kind, order, after))
    documents, last = _page(kind, clauses, order, most)
    if last is None:
        return f'{{"{kind.name}": {documents}}}'
    next_token = json.dumps(token_after(last, search=identity))
    return f'{{"{kind.name}": {documents}, "next_page_token": {next_token}}}'


def _full_order(kind: Kind, sorts: Sequence[Sort]) -> list[Sort]:
    """The order asked for or the default, made total by the tie-breakers."""
    order = list(sorts or kind.order)
    return order + [one for one in kind.tie_breakers if one.key not in {s.key for s in order}]


def _page(
    kind: Kind, clauses: Sequence[Clause], order: Sequence[Sort], most: int
) -> tuple[str, Key | None]:
    """The documents as JSON text and, if more follow, the sort key of the last one."""
    by = ", ".join(
        f"{kind.columns[one.key]} {'ASC' if one.ascending else 'DESC'}" for one in order
    )
    keys = ", ".join(_key(kind, one) for one in order)
    condition = " AND ".join(clause.sql for clause in clauses)
    statement = f"""
        WITH found AS (
            SELECT {kind.key} AS id, json_build_array({keys}) AS key,
                   row_number() OVER (ORDER BY {by}) AS place
            FROM {kind.table} WHERE {condition} ORDER BY {by} LIMIT %s
        )
        SELECT coalesce(json_agg({kind.json} ORDER BY place) FILTER (WHERE place <= %s), '[]')::text,
               (array_agg(key) FILTER (WHERE place = %s))[1]::text, max(place)
        FROM found, {kind.table} WHERE {kind.key} = found.id
    """  # noqa: S608 - names come from the kind, values are parameters
    parameters = [value for clause in clauses for value in clause.parameters]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, most + 1, most, most])
        documents, key, places = cursor.fetchone()
    return documents, json.loads(key) if places and places > most else None


def _key(kind: Kind, sort: Sort) -> str:
    column = kind.columns[sort.key]
    if sort.key in {"created", "updated"}:
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"
    return column


def _behind(kind: Kind, order: Sequence[Sort], after: Key) -> Clause:
    """Rows behind a sort key: equal in the first columns and beyond in the next."""
    alternatives, parameters = [], []
    for place, sort in enumerate(order):
        parts = [f"{kind.columns[one.key]} = {_given(one)}" for one in order[:place]]
        beyond = ">" if sort.ascending else "<"
        parts.append(f"{kind.columns[sort.key]} {beyond} {_given(sort)}")
        alternatives.append(f"({' AND '.join(parts)})")
        parameters += after[: place + 1]
    return Clause(f"({' OR '.join(alternatives)})", parameters)


def _given(sort: Sort) -> str:
    if sort.key in {"created", "updated"}:
        return "(timestamptz 'epoch' + %s * interval '1 microsecond')"
    return "%s"


def _clause(kind: Kind, one: Comparison) -> Clause:
    if _is_about_prompts(one):
        return _prompts(kind, wanted=(one.comparator == "=") == (one.value.lower() == "true"))
    if one.entity == "tag":
        return _tag(kind, one)
    column = kind.columns[one.key]
    match one.comparator:
        case "IN":
            return Clause(f"{column} = ANY(%s)", [list(one.value)])
        case "NOT IN":
            return Clause(f"{column} <> ALL(%s)", [list(one.value)])
    return Clause(f"{column} {_compared(one)}", [one.value])


def _tag(kind: Kind, one: Comparison) -> Clause:
    """An object which has the tag, with a value that fits."""
    sql = f"{kind.key} IN ({kind.tagged} WHERE t.key = %s AND t.value {_compared(one)}"
    parameters = [one.key, one.value]
    if one.comparator == "=":
        sql += f" AND left(t.value, {INDEXED_VALUE}) = %s"
        parameters.append(one.value[:INDEXED_VALUE])
    return Clause(f"{sql})", parameters)


def _compared(one: Comparison) -> str:
    """LIKE knows no escape sign in MLflow; PostgreSQL would fail on a backslash at the end."""
    escape = " ESCAPE ''" if "LIKE" in one.comparator else ""
    return f"{SQL_COMPARATOR.get(one.comparator, one.comparator)} %s{escape}"


def _is_about_prompts(one: Comparison) -> bool:
    return (
        one.entity == "tag"
        and one.key == IS_PROMPT
        and one.comparator in {"=", "!="}
        and one.value.lower() in {"true", "false"}
    )


def _prompts(kind: Kind, *, wanted: bool) -> Clause:
    """Prompts, or everything that does not say it is one."""
    is_one = f"t.key = %s AND left(t.value, {INDEXED_VALUE}) = 'true'"
    if wanted:
        return Clause(f"{kind.key} IN ({kind.tagged} WHERE {is_one})", [IS_PROMPT])
    # row by row, as in registry.queries: few of many rows are looked at
    found = f"({kind.tags} AND {is_one} LIMIT 1)"
    return Clause(f"{found} IS NULL", [IS_PROMPT])
