"""How request bodies are read, and how large and how deep they may be; what they mean is not known here."""

from typing import IO, Any

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import APIException, ParseError

from raci import exchange

MULTIPART_OVERHEAD = 1_048_576


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class JSONParser(parsers.JSONParser):
    """JSON up to DATA_UPLOAD_MAX_MEMORY_SIZE, which Django checks only when it reads the body itself."""

    def parse(
        self, stream: IO, media_type: str | None = None, parser_context: dict | None = None
    ) -> Any:
        _refuse_longer_than(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, parser_context)
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None


class YAMLTextParser(parsers.BaseParser):
    """A file of YAML as the one field `text`, unread: what it says is for the service to judge."""

    media_type = "text/yaml"

    def parse(
        self, stream: IO, media_type: str | None = None, parser_context: dict | None = None
    ) -> Any:
        _refuse_longer_than(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, parser_context)
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        try:
            return {"text": body.decode()}
        except UnicodeDecodeError:
            raise ParseError("The file is not text in UTF-8.") from None


class MultiPartParser(parsers.MultiPartParser):
    """Forms with files up to EVALUATION_MAX_BYTES; refused before the first byte is stored."""

    def parse(
        self, stream: IO, media_type: str | None = None, parser_context: dict | None = None
    ) -> Any:
        _refuse_longer_than(self.most() + MULTIPART_OVERHEAD, parser_context)
        return super().parse(stream, media_type, parser_context)

    def most(self) -> int:
        return settings.EVALUATION_MAX_BYTES


class ArtifactParser(MultiPartParser):
    """The same for an artifact with two files of rows."""

    def most(self) -> int:
        return settings.INFRA_MAX_BYTES + 2 * settings.EVALUATION_MAX_BYTES


class TableParser(MultiPartParser):
    """The same for a table of letters, a small file."""

    def most(self) -> int:
        return exchange.MAX_BYTES


def _refuse_longer_than(limit: int, parser_context: dict | None) -> None:
    length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
    if length > limit:
        raise TooLarge(f"The body has {length:,} bytes; at most {limit:,} are read here.")
