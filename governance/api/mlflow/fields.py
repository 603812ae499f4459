"""Reads the fields of a call, from the query of a GET or the JSON body of everything else."""

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from governance.api.mlflow.errors import Fault, invalid

SEE = " See the API docs for more information about request parameters."
LAST_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
MOST_TAGS = 1_000


class Fields:
    """The fields by their names; each reader returns a clean value or refuses with a sentence."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def __contains__(self, name: str) -> bool:
        return self._given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string, or `default` if the field is absent."""
        value = self._given.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _wrong_type(name, value)
        return _clean(name, value)

    def required(self, name: str) -> str:
        """A string that is there and not empty."""
        value = self.text(name)
        if not value.strip():
            raise invalid(f"Missing value for required parameter '{name}'.{SEE}")
        return value

    def number(self, name: str) -> int:
        """A whole number, which MLflow writes as text."""
        value = self.required(name)
        try:
            return int(value)
        except ValueError:
            raise invalid(
                f"Parameter '{name}' must be an integer, got '{value[:100]}'."
            ) from None

    def bounded(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`, as a number or as text."""
        value = self._given.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise _wrong_type(name, value)
        try:
            number = int(value)
        except ValueError:
            raise _wrong_type(name, value) from None
        if number < 1:
            raise invalid(
                f"Invalid value for {name}. It must be a positive integer, but got {number}"
            )
        if number > most:
            raise invalid(
                f"Invalid value for request parameter {name}. It must be at most {most}, "
                f"but got value {number}"
            )
        return number

    def truth(self, name: str) -> bool:
        """True or false; false if absent."""
        value = self._given.get(name)
        if value in (None, "", "false", False):
            return False
        if value in ("true", True):
            return True
        raise _wrong_type(name, value)

    def texts(self, name: str) -> list[str]:
        """A list of strings; a GET repeats the field."""
        value = self._given.get(name)
        if value is None:
            return []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _wrong_type(name, value)
        return [_clean(name, one) for one in value]

    def objects(self, name: str) -> list["Fields"]:
        """A list of objects, each with fields of its own."""
        value = self._given.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise _wrong_type(name, value)
        return [Fields(_snake_case(one)) for one in value]

    def fields(self, name: str) -> "Fields | None":
        """An object with fields of its own, or None if absent."""
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _wrong_type(name, value)
        return Fields(_snake_case(value))

    def tags(self) -> dict[str, str]:
        """Tags as `[{key, value}]`; the last of one key counts."""
        given = self.objects("tags")
        if len(given) > MOST_TAGS:
            raise invalid(f"Parameter 'tags' has at most {MOST_TAGS} entries.")
        return {one.required("key"): one.text("value") for one in given}


def read(request: HttpRequest) -> Fields:
    """The fields of the call; a DELETE may carry a body as well."""
    if request.method == "GET":
        return Fields({name: _one_or_all(values) for name, values in request.GET.lists()})
    return Fields(_snake_case(_json(request)))


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = request.body
    except RequestDataTooBig:
        raise Fault("BAD_REQUEST", "The body is longer than what is read here.") from None
    if not body and request.method == "DELETE":
        return {}
    if request.content_type != "application/json":
        raise Fault("BAD_REQUEST", "Content-Type must be one of ['application/json'].")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault("BAD_REQUEST", "The body is not JSON.") from None
    if not isinstance(given, dict):
        raise Fault("BAD_REQUEST", "The body is not a JSON object.")
    return given


def _snake_case(given: dict[str, Any]) -> dict[str, Any]:
    """Both spellings are understood, but not both at once: two readers could choose differently."""
    clean = {}
    for name, value in given.items():
        plain = LAST_CAPITAL.sub(lambda found: f"_{found[1].lower()}", name)
        if plain in clean or (plain != name and plain in given):
            raise invalid(f"Parameter '{plain[:100]}' is given in two spellings; give it once.")
        clean[plain] = value
    return clean


def _clean(name: str, value: str) -> str:
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise invalid(f"Parameter '{name}' contains NUL or broken characters.")
    return value


def _wrong_type(name: str, value: Any) -> Fault:
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"))[:200]
    kind = type(value).__name__
    return invalid(
        f"Invalid value {shown} for parameter '{name}' supplied:  Hint: Value was of type "
        f"'{kind}'.{SEE}"
    )
