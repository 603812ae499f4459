"""Reads the rule language into Rules; whether a rule makes sense is for checks.py to say."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from governance.policies import vocabulary
from governance.policies.rules import Comparison, Mode, Rule, Severity, rounded

MAX_LENGTH = 500
MAX_NAME = 80


class RuleError(ValueError):
    """The text is not a rule; `column` counts from 1 within the rule."""

    def __init__(self, sentence: str, column: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column


def parse(line: str) -> Rule:
    """Reads "name: rule"; raises RuleError with the column of the first thing not understood."""
    if len(line) > MAX_LENGTH:
        raise RuleError(f"A rule has at most {MAX_LENGTH} characters.")
    name, colon, body = line.partition(":")
    title = " ".join(name.split())
    if not colon or not title:
        raise RuleError(
            "A rule begins with its name and a colon, as in “auc floor: auc at least 0.75”."
        )
    if len(title) > MAX_NAME:
        raise RuleError(f"The name of a rule has at most {MAX_NAME} characters.")
    rule = _parse_body(body, offset=len(name) + 1)
    return replace(rule, name=title, text=line.strip())


class _Reader(Transformer):
    """Turns the parse tree into keyword arguments of Rule, one dictionary for each part."""

    def start(self, parts: list) -> Rule:
        merged: dict = {"name": ""}
        for part in parts:
            merged |= part or {}
        return Rule(**merged)

    def metric(self, parts: list) -> dict:
        return {"measure": "metric", "metric": vocabulary.canonical(str(parts[0]))}

    def gap(self, parts: list) -> dict:
        return self._groups("gap", parts)

    def ratio(self, parts: list) -> dict:
        return self._groups("ratio", parts)

    def _groups(self, measure: str, parts: list) -> dict:
        metric = vocabulary.canonical(str(parts[0]))
        return {"measure": measure, "metric": metric, "field": parts[1]}

    def psi(self, parts: list) -> dict:
        return {"measure": "psi", "metric": "psi", "field": parts[0]}

    def js(self, parts: list) -> dict:
        return {"measure": "js", "metric": "js", "field": parts[0]}

    def at_least(self, parts: list) -> dict:
        return {"comparison": Comparison.AT_LEAST, **parts[0]}

    def at_most(self, parts: list) -> dict:
        return {"comparison": Comparison.AT_MOST, **parts[0]}

    def between(self, parts: list) -> dict:
        return {
            "comparison": Comparison.BETWEEN,
            "bound": float(parts[0]),
            "upper": float(parts[1]),
        }

    def number(self, parts: list) -> dict:
        return {"bound": float(parts[0])}

    def baseline(self, _parts: list) -> dict:
        return {"baseline_change": 0.0}

    def minus(self, parts: list) -> dict:
        return {"baseline_change": -_not_negative(parts[0])}

    def plus(self, parts: list) -> dict:
        return {"baseline_change": _not_negative(parts[0])}

    def share(self, parts: list) -> dict:
        return {"relative": rounded(_not_negative(parts[0]) / 100)}

    def overall(self, _parts: list) -> dict:
        return {}

    def for_each(self, parts: list) -> dict:
        return {"slice_fields": tuple(name for name in parts if name is not None)}

    def for_value(self, parts: list) -> dict:
        return {"slice_fields": (parts[0],), "slice_value": parts[1]}

    def needs(self, parts: list) -> dict:
        rows, positives = int(parts[0]), int(parts[1] or 0)
        return {"needs_rows": rows, "needs_positives": positives}

    def severity(self, parts: list) -> dict:
        return {"severity": Severity(str(parts[-1]))}

    def mode(self, parts: list) -> dict:
        return {"mode": Mode(" ".join(parts[0].split()))}

    def field(self, parts: list) -> str:
        return _unquote(parts[0])

    value = field


def _unquote(token: Token) -> str:
    if token.type != "QUOTED":
        return str(token)
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _not_negative(token: Token) -> float:
    if token.startswith("-"):
        raise RuleError(f"Write the size without a sign instead of {token}.", token.column)
    return float(token) + 0.0


@cache
def _grammar() -> Lark:
    text = Path(__file__).with_name("rules.lark").read_text()
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _parse_body(body: str, *, offset: int) -> Rule:
    try:
        return _Reader().transform(_grammar().parse(body))
    except UnexpectedInput as error:
        raise _explain(error, body, offset) from None
    except VisitError as error:
        if isinstance(error.orig_exc, RuleError):
            raise RuleError(error.orig_exc.sentence, error.orig_exc.column + offset) from None
        raise


EXPECTED = {
    "NAME": "a name",
    "QUOTED": "a name in quotes",
    "VALUE": "a value",
    "NUMBER": "a number",
    "INTEGER": "a whole number",
    "SEVERITY": "must, warn or note",
    "MODE": "point, sure or not worse",
    "_CROSSED": "x",
    "_ROWS": "rows",
    "_POSITIVES": "positives",
    "_PERCENT": "%",
    "PERCENT": "%",
    "EQUAL": "=",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": "a comma",
    "$END": "the end of the rule",
}


def _explain(error: UnexpectedInput, body: str, offset: int) -> RuleError:
    """Says what stands where something else was expected."""
    allowed = getattr(error, "accepts", None) or getattr(error, "expected", None) or set()
    wanted = ", ".join(sorted({_word(terminal) for terminal in allowed}))
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        found, column = "The rule ends too early", len(body.rstrip()) + 1
    else:
        column = error.pos_in_stream + 1
        words = body[error.pos_in_stream :].split()
        found = f"“{words[0]}” is not understood" if words else "A blank here is not understood"
    return RuleError(f"{found}; expected {wanted}.", column + offset)


def _word(terminal: str) -> str:
    if terminal in EXPECTED:
        return EXPECTED[terminal]
    return terminal.strip("_").lower().replace("_", " ")
