"""What the OpenAPI document says about every door beside its own body: errors, scope, summary."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from governance.api.errors import PROBLEM, TITLES

ALWAYS = (400, 401, 403, 404, 406)
WHEN_WRITING = (409, 413, 415, 422)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the model or version as you read it; refused with 412 if it has "
    "changed since. For a tag or an alias it is the ETag of what carries it.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag you hold; answered with 304 and no body while it is current.",
)


class ProblemSerializer(serializers.Serializer):
    """An error as RFC 9457 describes it, with the reasons and, where one helps, a link."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    detail = serializers.CharField(help_text="One sentence for a person.")
    reasons = serializers.ListField(child=serializers.CharField())
    field = serializers.CharField(required=False, help_text="The field that is wrong.")
    link = serializers.CharField(required=False, help_text="The page that helps.")
    etag = serializers.CharField(required=False, help_text="With 412: the ETag as it is now.")
    index = serializers.IntegerField(required=False, help_text="Which item of many.")
    errors = serializers.DictField(required=False, help_text="All wrong fields.")


class Schema(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> dict | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"] = self._problems() | operation["responses"]
            self._tell_conditions(operation)
        return operation

    def get_override_parameters(self) -> list:
        parameters = super().get_override_parameters()
        if self._heeds_if_match():
            parameters = [*parameters, IF_MATCH]
        if self.method == "GET" and self.view.action in getattr(self.view, "revised", ()):
            parameters = [*parameters, IF_NONE_MATCH]
        return parameters

    def _heeds_if_match(self) -> bool:
        return self.view.action in getattr(self.view, "conditional", ())

    def get_description(self) -> str:
        return f"{super().get_description()}\n\nScope of the token: `{self._scope()}`.".strip()

    def _scope(self) -> str:
        return "read" if self.method in SAFE_METHODS else getattr(self.view, "scope", "none")

    def _tell_conditions(self, operation: dict) -> None:
        """Adds the answer 304 and the header ETag where the view gives them."""
        if self.view.action not in getattr(self.view, "revised", ()):
            return
        header = {"schema": {"type": "string"}, "description": "Send it back as If-Match."}
        for code, response in operation["responses"].items():
            if code in ("200", "201"):
                response.setdefault("headers", {})["ETag"] = header
        if self.method == "GET":
            operation["responses"]["304"] = {"description": "You hold it as it is."}

    def _problems(self) -> dict:
        codes = ALWAYS if self.method in SAFE_METHODS else ALWAYS + WHEN_WRITING
        if self._heeds_if_match():
            codes += (412,)
        return {
            str(code): self._get_response_for_code(
                OpenApiResponse(ProblemSerializer, TITLES[code]), str(code), [PROBLEM]
            )
            for code in codes
        }
