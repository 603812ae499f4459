"""MLflow's search language: a filter and an order, read into plain values; no SQL here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from governance.api.mlflow.errors import Fault, invalid

LONGEST_FILTER = 20_000
MOST_COMPARISONS = 50
MOST_IN_LIST = 1_000
ENTITIES = {"attribute": "attribute", "tag": "tag", "tags": "tag"}
TEXT = {"=", "!=", "LIKE", "ILIKE"}
LISTS = {"IN", "NOT IN"}
NUMERIC = {"=", "!=", ">", ">=", "<", "<="}
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Comparison:
    """One comparison: of an attribute or of the tag called `key`."""

    entity: str
    key: str
    comparator: str
    value: str | int | tuple[str, ...]


@dataclass(frozen=True)
class Sort:
    key: str
    ascending: bool


@dataclass(frozen=True)
class Vocabulary:
    """What a kind of object can be searched and ordered by; values say which comparators fit."""

    attributes: dict[str, set[str]]
    order: dict[str, str]


MODELS = Vocabulary(
    attributes={"name": TEXT | LISTS},
    order={
        "name": "name",
        "creation_timestamp": "created",
        "timestamp": "updated",
        "last_updated_timestamp": "updated",
    },
)
VERSIONS = Vocabulary(
    attributes={
        "name": TEXT | LISTS,
        "run_id": TEXT | LISTS,
        "source_path": TEXT,
        "version_number": NUMERIC,
    },
    order={
        "name": "name",
        "version_number": "number",
        "creation_timestamp": "created",
        "last_updated_timestamp": "updated",
    },
)


def parse_filter(text: str, vocabulary: Vocabulary) -> list[Comparison]:
    """Reads a filter; refuses what the vocabulary does not know, with the clause at fault."""
    if not text.strip():
        return []
    if len(text) > LONGEST_FILTER:
        raise invalid(f"A filter string has at most {LONGEST_FILTER:,} characters.")
    try:
        tree = _grammar().parse(text)
        comparisons = _Reader(vocabulary).transform(tree)
    except UnexpectedInput as error:
        raise _not_understood(text, error) from None
    except VisitError as error:
        raise error.orig_exc from None
    if len(comparisons) > MOST_COMPARISONS:
        raise invalid(f"A filter string has at most {MOST_COMPARISONS} comparisons.")
    return comparisons


def parse_order(given: Sequence[str], vocabulary: Vocabulary) -> list[Sort]:
    """Reads `key [ASC|DESC]`; refuses unknown and repeated keys."""
    sorts: list[Sort] = []
    for clause in given:
        sort = _sort(clause, vocabulary)
        if sort.key in {one.key for one in sorts}:
            raise invalid(f"`order_by` contains duplicate fields: {list(given)}")
        sorts.append(sort)
    return sorts


def _sort(clause: str, vocabulary: Vocabulary) -> Sort:
    words = clause.split()
    direction = words[1].upper() if len(words) == 2 else "ASC"
    if not 1 <= len(words) <= 2 or direction not in {"ASC", "DESC"}:
        raise invalid(f"Invalid order_by clause '{clause[:200]}': write `key [ASC|DESC]`.")
    key = words[0].removeprefix("attribute.").strip('`"')
    if key not in vocabulary.order:
        raise invalid(
            f"Invalid order by key '{key[:200]}' specified. Valid keys are "
            f"{sorted(vocabulary.order)}"
        )
    return Sort(vocabulary.order[key], direction == "ASC")


@cache
def _grammar() -> Lark:
    path = Path(__file__).with_name("filters.lark")
    return Lark(path.read_text(), parser="lalr", lexer="contextual", maybe_placeholders=False)


def _not_understood(text: str, error: UnexpectedInput) -> Fault:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    clause = "" if ended else text[error.pos_in_stream :]
    return invalid(
        f"Invalid clause(s) in filter string: {clause[:200] or 'it ends too early'}. Comparisons "
        "such as name LIKE 'a%' are joined by AND; text is quoted."
    )


class _Reader(Transformer):
    """Turns the tree into Comparisons, checking each against the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def start(self, comparisons: list[Comparison]) -> list[Comparison]:
        return comparisons

    def comparison(self, parts: list) -> Comparison:
        (entity, key), comparator, value = parts
        return self._checked(entity, key, str(comparator).upper(), value)

    def among(self, parts: list) -> Comparison:
        (entity, key), values = parts
        return self._checked(entity, key, "IN", values)

    def not_among(self, parts: list) -> Comparison:
        (entity, key), values = parts
        return self._checked(entity, key, "NOT IN", values)

    def attribute(self, parts: list[Token]) -> tuple[str, str]:
        return "attribute", str(parts[0]).strip("`")

    def qualified(self, parts: list[Token]) -> tuple[str, str]:
        entity, *rest = map(str, parts)
        if entity not in ENTITIES:
            raise invalid(
                f"Invalid entity type '{entity[:200]}'. Valid entity types are "
                f"{tuple(ENTITIES)}"
            )
        key = ".".join(rest)
        return ENTITIES[entity], key[1:-1] if key[0] in "`\"'" else key

    def value(self, parts: list[Token]) -> str | int | float:
        token = parts[0]
        if token.type == "QUOTED":
            quote = token[0]
            return token[1:-1].replace(quote * 2, quote)
        return float(token) if "." in token else int(token)

    def list(self, values: list) -> tuple:
        return tuple(values)

    def _checked(self, entity: str, key: str, comparator: str, value: object) -> Comparison:
        allowed = self._comparators(entity, key)
        if comparator not in allowed:
            what = "tag" if entity == "tag" else f"attribute {key}"
            raise invalid(
                f"Invalid comparator for {what}: {comparator}. Valid comparators are "
                f"{', '.join(sorted(allowed))}"
            )
        if comparator in LISTS:
            _check_list(key, value)
        elif allowed is NUMERIC:
            _check_number(key, value)
        elif not isinstance(value, str):
            raise invalid(
                f"Expected a quoted string value for {entity} {key} (e.g. 'my-value'). "
                f"Got value {value}"
            )
        return Comparison(entity, key, comparator, value)

    def _comparators(self, entity: str, key: str) -> set[str]:
        if entity == "tag":
            return TEXT
        if key not in self.vocabulary.attributes:
            raise invalid(
                f"Invalid attribute key '{key[:200]}' specified. Valid keys are "
                f"{sorted(self.vocabulary.attributes)}"
            )
        return self.vocabulary.attributes[key]


def _check_list(key: str, values: object) -> None:
    assert isinstance(values, tuple)
    if not values or not all(isinstance(one, str) for one in values):
        raise invalid(f"A list for {key} holds at least one value, each a quoted string.")
    if len(values) > MOST_IN_LIST:
        raise invalid(f"A list for {key} has at most {MOST_IN_LIST:,} values.")


def _check_number(key: str, value: object) -> None:
    if not isinstance(value, int) or abs(value) > LARGEST_NUMBER:
        raise invalid(f"Invalid value for numeric attribute '{key}': {str(value)[:100]!r}")
