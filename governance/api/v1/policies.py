"""Policies, version by version: drafting, publishing and retiring the rules models are judged by."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.policies import services
from governance.policies.filters import PolicyVersionFilter
from governance.policies.models import PolicyVersion


class PolicyVersionSerializer(serializers.ModelSerializer):
    policy = serializers.CharField(source="policy.name", read_only=True)
    created_by = username("created_by")
    published_by = username("published_by", nullable=True)

    class Meta:
        model = PolicyVersion
        fields = [
            "policy", "number", "state", "digest", "created_by", "created_at",
            "published_by", "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class PolicyTextSerializer(PolicyVersionSerializer):
    document = serializers.DictField(read_only=True, help_text="The text as it was understood.")

    class Meta(PolicyVersionSerializer.Meta):
        fields = [*PolicyVersionSerializer.Meta.fields, "text", "document"]
        read_only_fields = fields


class NewPolicySerializer(serializers.Serializer):
    name = serializers.SlugField()
    text = serializers.CharField(trim_whitespace=False, help_text="YAML.")


class NewTextSerializer(serializers.Serializer):
    text = serializers.CharField(trim_whitespace=False, help_text="YAML.")


class PolicyVersionViewSet(ListModelMixin, Resource):
    """Everyone reads published and retired rules; drafts are for those who edit or audit them."""

    model = PolicyVersion
    serializer_class = PolicyVersionSerializer
    filterset_class = PolicyVersionFilter
    scope = "govern"

    def visible(self) -> QuerySet[PolicyVersion]:
        seen = PolicyVersion.objects.visible_to(self.caller)
        return seen.select_related("policy", "created_by", "published_by")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return PolicyVersionSerializer if self.action == "list" else PolicyTextSerializer

    def get_object(self) -> PolicyVersion:
        where = {"policy__name": self.kwargs["name"], "number": self.kwargs["number"]}
        return get_object_or_404(self.visible(), **where)

    @extend_schema(request=NewPolicySerializer, responses={201: PolicyTextSerializer})
    def create(self, request: Request) -> Response:
        """Begins the next version of the policy of that name, or the policy itself."""
        fields = self.validated(NewPolicySerializer)
        return self.created(services.draft(actor=self.caller, **fields))

    def retrieve(self, request: Request, name: str, number: int) -> Response:
        """Shows one version with its text."""
        return self.shown(self.get_object())

    @extend_schema(request=NewTextSerializer, responses=PolicyTextSerializer)
    def partial_update(self, request: Request, name: str, number: int) -> Response:
        """Replaces the text of a draft."""
        version, fields = self.get_object(), self.validated(NewTextSerializer)
        return self.shown(services.revise(version, actor=self.caller, **fields))

    @extend_schema(request=None, responses=PolicyTextSerializer)
    def publish(self, request: Request, name: str, number: int) -> Response:
        """Puts a draft into force and retires the version that was in force."""
        return self.shown(services.publish(self.get_object(), actor=self.caller))

    @extend_schema(request=None, responses=PolicyTextSerializer)
    def retire(self, request: Request, name: str, number: int) -> Response:
        """Takes a published version out of force; nothing replaces it."""
        return self.shown(services.retire(self.get_object(), actor=self.caller))
