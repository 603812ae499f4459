"""What the OpenAPI document says about every door beside its own body: errors, scope, summary."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from governance.api.errors import PROBLEM, TITLES

ALWAYS = (400, 401, 403, 404, 406)
WHEN_WRITING = (409, 413, 415, 422)


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
    errors = serializers.DictField(required=False, help_text="All wrong fields.")


class Schema(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> dict | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"] = self._problems() | operation["responses"]
        return operation

    def get_description(self) -> str:
        return f"{super().get_description()}\n\nScope of the token: `{self._scope()}`.".strip()

    def _scope(self) -> str:
        return "read" if self.method in SAFE_METHODS else getattr(self.view, "scope", "none")

    def _problems(self) -> dict:
        codes = ALWAYS if self.method in SAFE_METHODS else ALWAYS + WHEN_WRITING
        return {
            str(code): self._get_response_for_code(
                OpenApiResponse(ProblemSerializer, TITLES[code]), str(code), [PROBLEM]
            )
            for code in codes
        }
