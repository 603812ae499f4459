"""Registered models: their description, tags, name, and the history of their pointers."""

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.preconditions import Conditional, tagged
from governance.api.resources import Resource, Tags, Text, username
from governance.release.protection import Protection, protection_of
from registry import history, queries, services
from registry.filters import ModelFilter, MoveFilter
from registry.models import Alias, AliasMove, PointerKind, RegisteredModel
from registry.revisions import revision_of


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class Pointers(serializers.Field):
    """Aliases as one object of names and version numbers."""

    def to_representation(self, aliases: object) -> dict[str, int]:
        return {alias.name: alias.version.number for alias in aliases.all()}


class ModelSerializer(serializers.ModelSerializer):
    tags = Tags(read_only=True)
    aliases = Pointers(read_only=True)
    last_number = serializers.IntegerField(
        read_only=True, help_text="The highest version number ever given."
    )
    use_case = serializers.CharField(
        source="governed.use_case.slug",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Null while the model is ungoverned.",
    )
    created_by = username("created_by")

    class Meta:
        model = RegisteredModel
        fields = [
            "name", "description", "tags", "aliases", "last_number", "use_case",
            "created_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class ServingSerializer(serializers.Serializer):
    """One pointer and what it points to now."""

    pointer_kind = serializers.ChoiceField(PointerKind.choices)
    pointer = serializers.CharField()
    is_protected = serializers.BooleanField()
    version = serializers.IntegerField()
    since = serializers.DateTimeField()
    clearance = serializers.IntegerField(allow_null=True)
    request = serializers.IntegerField(allow_null=True)


class ProtectionSerializer(serializers.Serializer):
    aliases = serializers.ListField(child=serializers.CharField())
    stages = serializers.ListField(child=serializers.CharField())
    policy = serializers.CharField(allow_null=True)
    reason = serializers.CharField(help_text="Why this policy applies, or why none does.")


class ModelLinksSerializer(serializers.Serializer):
    page = serializers.URLField()
    versions = serializers.URLField()
    as_of = serializers.URLField()
    timeline = serializers.URLField()
    trail = serializers.URLField()


class ModelDetailSerializer(ModelSerializer):
    """One model with what serves now, what is protected, and where to read on."""

    serving = serializers.SerializerMethodField()
    protection = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta(ModelSerializer.Meta):
        fields = [*ModelSerializer.Meta.fields, "serving", "protection", "links"]
        read_only_fields = fields

    def to_representation(self, model: RegisteredModel) -> dict:
        self._protection = protection_of(model)
        return super().to_representation(model)

    @extend_schema_field(ServingSerializer(many=True))
    def get_serving(self, model: RegisteredModel) -> list[dict]:
        held = history.as_of(model, timezone.now()).holdings
        return ServingSerializer([self._serving(one) for one in held], many=True).data

    @extend_schema_field(ProtectionSerializer)
    def get_protection(self, model: RegisteredModel) -> dict:
        found: Protection = self._protection
        policy = found.policy_version
        return {
            "aliases": sorted(found.aliases),
            "stages": sorted(found.stages),
            "policy": policy.label if policy else None,
            "reason": found.reason,
        }

    @extend_schema_field(ModelLinksSerializer)
    def get_links(self, model: RegisteredModel) -> dict[str, str]:
        at = self.context["request"].build_absolute_uri
        return (
            {"page": at(model.get_absolute_url())}
            | {
                name: at(reverse(f"api:{name}", args=[model.name]))
                for name in ("versions", "as_of", "timeline")
            }
            | {"trail": at(reverse("api:model_trail", args=[model.name]))}
        )

    def _serving(self, held: history.Holding) -> dict:
        return {
            "pointer_kind": held.pointer_kind,
            "pointer": held.pointer,
            "is_protected": self._protection.covers(held.pointer_kind, held.pointer),
            "version": held.version.number,
            "since": held.since,
            "clearance": held.evidence.get("clearance"),
            "request": held.evidence.get("request"),
        }


class NewModelSerializer(serializers.Serializer):
    name = serializers.CharField(trim_whitespace=False)
    description = Text()
    tags = serializers.DictField(child=Text(), required=False)


class DescriptionSerializer(serializers.Serializer):
    description = Text(required=True)


class NewNameSerializer(serializers.Serializer):
    name = serializers.CharField(trim_whitespace=False)


class TagValueSerializer(serializers.Serializer):
    value = Text(required=True)


class ModelViewSet(ListModelMixin, Conditional):
    model = RegisteredModel
    filterset_class = ModelFilter
    scope = "register"
    revised = ("create", "retrieve", "partial_update", "rename")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ModelSerializer if self.action == "list" else ModelDetailSerializer

    def shown(self, subject: RegisteredModel, code: int = status.HTTP_200_OK) -> Response:
        """The whole model; its ETag is made from the very rows that are shown."""
        found = self.visible().get(pk=subject.pk)
        return tagged(self.request, revision_of(found), self.get_serializer(found).data, code)

    def visible(self) -> QuerySet[RegisteredModel]:
        pointers = Prefetch("aliases", Alias.objects.select_related("version"))
        return (
            RegisteredModel.objects.visible_to(self.caller)
            .select_related("created_by", "governed__use_case")
            .prefetch_related("tags", pointers)
        )

    def named(self, name: str) -> RegisteredModel:
        return queries.model_named(name, user=self.caller)

    @extend_schema(request=NewModelSerializer, responses={201: ModelDetailSerializer})
    def create(self, request: Request) -> Response:
        """Registers a model; its maker owns it until a use case adopts it."""
        fields = self.validated(NewModelSerializer)
        return self.created(services.create_model(actor=self.caller, **fields))

    def retrieve(self, request: Request, name: str) -> Response:
        """Shows one model."""
        return self.shown(self.named(name))

    @extend_schema(request=DescriptionSerializer, responses=ModelDetailSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Replaces the description."""
        model = self.named(name)
        fields = self.validated(DescriptionSerializer)
        return self.shown(
            services.update_model(model, actor=self.caller, expected=self.expected, **fields)
        )

    def destroy(self, request: Request, name: str) -> Response:
        """Takes the model out of use, if the gate lets its pointers go; its history stays."""
        services.delete_model(self.named(name), actor=self.caller, expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NewNameSerializer, responses=ModelDetailSerializer)
    def rename(self, request: Request, name: str) -> Response:
        """Gives the model another name, if the gate allows it for every pointer."""
        model, new = self.named(name), self.validated(NewNameSerializer)["name"]
        return self.shown(
            services.rename_model(model, new, actor=self.caller, expected=self.expected)
        )


class ModelTagViewSet(Conditional):
    model = RegisteredModel
    serializer_class = TagValueSerializer
    scope = "register"

    @extend_schema(request=TagValueSerializer, responses=TagValueSerializer)
    def update(self, request: Request, name: str, key: str) -> Response:
        """Sets or replaces a tag of the model."""
        model = queries.model_named(name, user=self.caller)
        fields = self.validated(TagValueSerializer)
        tag = services.set_tag(
            model, key, fields["value"], actor=self.caller, expected=self.expected
        )
        return Response(TagValueSerializer(tag).data)

    def destroy(self, request: Request, name: str, key: str) -> Response:
        """Takes a tag away."""
        model = queries.model_named(name, user=self.caller)
        services.delete_tag(model, key, actor=self.caller, expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MoveSerializer(serializers.ModelSerializer):
    from_version = serializers.IntegerField(
        source="from_version.number", default=None, allow_null=True, read_only=True
    )
    to_version = serializers.IntegerField(
        source="to_version.number", default=None, allow_null=True, read_only=True
    )
    decision = serializers.DictField(read_only=True)

    class Meta:
        model = AliasMove
        fields = [
            "id", "at", "pointer_kind", "pointer", "from_version", "to_version",
            "actor_name", "decision",
        ]  # fmt: skip
        read_only_fields = fields


class MoveViewSet(ListModelMixin, Resource):
    """Every move of an alias or stage, with the decision that allowed it."""

    model = AliasMove
    serializer_class = MoveSerializer
    filterset_class = MoveFilter

    def visible(self) -> QuerySet[AliasMove]:
        model = queries.model_named(self.kwargs["name"], user=self.caller)
        return model.moves.select_related("from_version", "to_version")
