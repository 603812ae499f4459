"""Other forms than JSON in which something can be asked for; what is sent is made by its view."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class YAMLTextRenderer(JSONRenderer):
    """Lets `Accept: text/yaml` through; what goes wrong is still told as JSON."""

    media_type = "text/yaml"
    format = "yaml"

    def get_indent(self, accepted_media_type: str, renderer_context: Mapping[str, Any]) -> None:
        return None
