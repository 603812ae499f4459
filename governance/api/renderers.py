"""Other forms than JSON in which something can be asked for; what is sent is made by its view."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

from raci.exchange import XLSX


class TextRenderer(JSONRenderer):
    """Lets another `Accept` through; what goes wrong is still told as JSON."""

    def get_indent(self, accepted_media_type: str, renderer_context: Mapping[str, Any]) -> None:
        return None


class YAMLTextRenderer(TextRenderer):
    media_type = "text/yaml"
    format = "yaml"


class CSVTextRenderer(TextRenderer):
    media_type = "text/csv"
    format = "csv"


class WorkbookRenderer(TextRenderer):
    media_type = XLSX
    format = "xlsx"
