"""What every API view has in common; each object's serializers and viewset are in v1/<object>.py."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from governance.accounts.models import User
from governance.api.parsers import JSONParser
from governance.api.schema import Schema


class Resource(GenericViewSet):
    """Reads only what the caller may see; its unsafe methods need the token scope named in `scope`."""

    model: type[Model]
    scope: str
    schema = Schema()
    metadata_class = None
    parser_classes = [JSONParser]

    @property
    def caller(self) -> User:
        return self.request.user

    def visible(self) -> QuerySet:
        """What the caller may see, with everything loaded that the serializer shows."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):  # the schema is drawn without a caller
            return self.model._default_manager.none()
        return self.visible()

    def validated(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """Returns the checked body as keywords for a service; what was not sent is absent."""
        checked = serializer(data=self.request.data, context=self.get_serializer_context())
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def shown(self, subject: Model, code: int = status.HTTP_200_OK) -> Response:
        """Answers with the object, read again as the caller sees it."""
        return Response(self.get_serializer(self.visible().get(pk=subject.pk)).data, code)

    def created(self, subject: Model) -> Response:
        return self.shown(subject, status.HTTP_201_CREATED)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Tags(serializers.Field):
    """Tags as one object of keys and values."""

    def to_representation(self, tags: Any) -> dict[str, str]:
        return {tag.key: tag.value for tag in tags.all()}


class Text(serializers.CharField):
    """Text taken as it was written, blanks and all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"trim_whitespace": False, "required": False, "allow_blank": True} | kwargs
        )


def username(source: str, *, nullable: bool = False) -> serializers.CharField:
    """Who did it, by the name they sign in with; nullable where the server itself may have."""
    more: dict[str, Any] = {"default": None, "allow_null": True} if nullable else {}
    return serializers.CharField(source=f"{source}.username", read_only=True, **more)
