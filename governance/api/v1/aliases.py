"""Aliases of a model: where they point, and moving them past the gate."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.preconditions import Conditional, tagged
from governance.release import services as release
from registry import queries, services
from registry.errors import NotFound
from registry.models import Alias
from registry.revisions import revision_of


class AliasSerializer(serializers.ModelSerializer):
    version = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = Alias
        fields = ["name", "version"]
        read_only_fields = fields


class PointedSerializer(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class AliasViewSet(ListModelMixin, Conditional):
    model = Alias
    serializer_class = AliasSerializer
    filterset_class = None
    scope = "register"
    revised = ("retrieve",)

    def visible(self) -> QuerySet[Alias]:
        model = queries.model_named(self.kwargs["name"], user=self.caller)
        return model.aliases.select_related("version")

    def retrieve(self, request: Request, name: str, alias: str) -> Response:
        """Shows where the alias points; the ETag is that of its model."""
        model = queries.model_named(name, user=self.caller)
        revision = revision_of(model)
        found = model.aliases.select_related("version").filter(name=alias).first()
        if found is None:
            raise NotFound(f"{name} has no alias {alias}.", code="alias_not_found")
        return tagged(request, revision, self.get_serializer(found).data)

    @extend_schema(request=PointedSerializer, responses=AliasSerializer)
    def update(self, request: Request, name: str, alias: str) -> Response:
        """Points the alias at a version; a protected one moves only with a clearance.

        A refusal opens the approval request that is missing, if nothing else is in its way.
        """
        number = self.validated(PointedSerializer)["version"]
        version = queries.version_numbered(name, number, user=self.caller)
        return self.shown(
            release.promote(version, actor=self.caller, alias=alias, expected=self.expected)
        )

    def destroy(self, request: Request, name: str, alias: str) -> Response:
        """Takes the alias away, if the gate allows it."""
        model = queries.model_named(name, user=self.caller)
        services.delete_alias(model, alias, actor=self.caller, expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)
