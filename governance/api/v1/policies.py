"""Policies, version by version: drafting, reviewing, publishing and retiring the rules of judgement."""

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parsers import YAMLTextParser
from governance.api.renderers import YAMLTextRenderer
from governance.api.resources import Resource, username
from governance.api.v1.signing import ConfirmedSerializer
from governance.policies import inspection, services
from governance.policies.filters import PolicyVersionFilter
from governance.policies.models import PolicyVersion
from governance.policies.schema import json_schema
from governance.policies.starters import starters
from governance.policies.strictness import Direction

PEOPLE = (
    "created_by",
    "revised_by",
    "submitted_by",
    "returned_by",
    "published_by",
    "retired_by",
)
MAX_TEXT = 2_000_000


class PolicyVersionSerializer(serializers.ModelSerializer):
    policy = serializers.CharField(source="policy.name", read_only=True)
    base = serializers.CharField(
        source="base_version.label", default=None, allow_null=True, read_only=True
    )
    created_by = username("created_by")
    revised_by = username("revised_by", nullable=True)
    submitted_by = username("submitted_by", nullable=True)
    returned_by = username("returned_by", nullable=True)
    published_by = username("published_by", nullable=True)
    retired_by = username("retired_by", nullable=True)

    class Meta:
        model = PolicyVersion
        fields = [
            "policy", "number", "state", "digest", "base", "created_by", "created_at",
            "revised_by", "revised_at", "submitted_by", "submitted_at",
            "returned_by", "returned_at", "returned_reason", "published_by", "published_at",
            "published_reason", "published_with",
            "retired_by", "retired_at", "retired_reason",
        ]  # fmt: skip
        read_only_fields = fields


class PolicyTextSerializer(PolicyVersionSerializer):
    document = serializers.DictField(
        read_only=True, help_text="The text as it was understood, with what it takes over."
    )
    whole_text = serializers.CharField(
        read_only=True, help_text="The text by which is judged, with what it takes over."
    )
    base_sentence = serializers.SerializerMethodField(
        help_text="Whether the base it extends is still the one in force; empty without a base."
    )

    class Meta(PolicyVersionSerializer.Meta):
        fields = [
            *PolicyVersionSerializer.Meta.fields,
            "text", "whole_text", "document", "base_sentence",
        ]  # fmt: skip
        read_only_fields = fields

    def get_base_sentence(self, version: PolicyVersion) -> str:
        standing = inspection.base_standing(version)
        return standing.sentence if standing else ""


def _text(**kwargs: object) -> serializers.CharField:
    return serializers.CharField(
        trim_whitespace=False, max_length=MAX_TEXT, help_text="YAML.", **kwargs
    )


class NewPolicySerializer(serializers.Serializer):
    name = serializers.SlugField()
    text = _text()


class NewTextSerializer(serializers.Serializer):
    text = _text()


class TextToCheckSerializer(serializers.Serializer):
    text = _text(allow_blank=True)
    name = serializers.CharField(
        required=False, allow_blank=True, help_text="The name the text has to carry."
    )


class PolicyReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=services.MAX_REASON)


class PolicyPutSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField([one.value for one in services.Written])
    version = PolicyTextSerializer()


class ProblemInTextSerializer(serializers.Serializer):
    line = serializers.IntegerField(help_text="From 1; 0 where it is about the whole text.")
    column = serializers.IntegerField()
    sentence = serializers.CharField()


class RuleSentenceSerializer(serializers.Serializer):
    name = serializers.CharField()
    text = serializers.SerializerMethodField()
    severity = serializers.CharField(source="severity.value")
    sentence = serializers.CharField()

    def get_text(self, rule: object) -> str:
        return str(rule)


class CheckedSerializer(serializers.Serializer):
    """What was understood of a text; without a document where there are problems."""

    problems = ProblemInTextSerializer(many=True)
    notes = ProblemInTextSerializer(many=True)
    document = serializers.DictField(allow_null=True)
    sentences = RuleSentenceSerializer(many=True)


class ChangeSerializer(serializers.Serializer):
    direction = serializers.ChoiceField([one.value for one in Direction])
    sentence = serializers.CharField()


class DifferencesSerializer(serializers.Serializer):
    """From the earlier version to this one; `against` is null where there is no earlier."""

    against = serializers.CharField(allow_null=True)
    changes = ChangeSerializer(many=True)
    text = serializers.CharField(help_text="The texts line by line, as a unified diff.")


class StarterSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    text = serializers.CharField()


class StartersSerializer(serializers.Serializer):
    results = StarterSerializer(many=True)


class PublishSerializer(ConfirmedSerializer):
    reason = serializers.CharField(max_length=services.MAX_REASON)
    seen = serializers.CharField(
        required=False,
        max_length=71,
        help_text="The digest of the text that was read; another one is refused.",
    )


class PolicyVersionViewSet(ListModelMixin, Resource):
    """Everyone reads published and retired rules; the rest is for those who edit or audit them."""

    model = PolicyVersion
    serializer_class = PolicyVersionSerializer
    filterset_class = PolicyVersionFilter
    scope = "govern"

    def visible(self) -> QuerySet[PolicyVersion]:
        seen = PolicyVersion.objects.visible_to(self.caller)
        return seen.select_related("policy", "base_version__policy", *PEOPLE)

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return PolicyVersionSerializer if self.action == "list" else PolicyTextSerializer

    def get_parsers(self) -> list[BaseParser]:
        """A file may be sent as it is."""
        parsers = super().get_parsers()
        is_file = getattr(self, "action_map", {}).get("put") == "put_file"
        return [*parsers, YAMLTextParser()] if is_file else parsers

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        return [*renderers, YAMLTextRenderer()] if self.action == "download" else renderers

    def get_object(self) -> PolicyVersion:
        return self._numbered(self.kwargs["number"])

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

    @extend_schema(
        request={"application/json": NewTextSerializer, "text/yaml": OpenApiTypes.STR},
        responses={200: PolicyPutSerializer, 201: PolicyPutSerializer},
    )
    def put_file(self, request: Request, name: str) -> Response:
        """Takes the policy's file: the same text changes nothing, another revises or begins a draft."""
        fields = self.validated(NewTextSerializer)
        version, outcome = services.put(name, actor=self.caller, **fields)
        shown = {"outcome": outcome.value, "version": self.visible().get(pk=version.pk)}
        is_new = outcome == services.Written.DRAFTED
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(PolicyPutSerializer(shown).data, code)

    @extend_schema(responses={(200, "text/yaml"): OpenApiTypes.OBJECT})
    def download(self, request: Request, name: str, number: int) -> HttpResponse:
        """Gives the text as the file it was written as."""
        version = self.get_object()
        return HttpResponse(
            version.text,
            content_type="text/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
        )

    @extend_schema(
        responses=DifferencesSerializer,
        parameters=[
            OpenApiParameter(
                "against",
                OpenApiTypes.INT,
                description="The number of the earlier version; by default the one in force, or "
                "the one before.",
            )
        ],
    )
    def differences(self, request: Request, name: str, number: int) -> Response:
        """Says what changed from an earlier version to this one, each change stricter or looser."""
        version = self.get_object()
        found = inspection.compared(version, self._earlier(version))
        lines = "\n".join(line.text for line in found.lines)
        against = found.before.label if found.before else None
        shown = {"against": against, "changes": found.changes, "text": lines}
        return Response(DifferencesSerializer(shown).data)

    @extend_schema(request=None, responses=PolicyTextSerializer)
    def submit(self, request: Request, name: str, number: int) -> Response:
        """Gives a draft to review; its text stands still from then on."""
        return self.shown(services.submit(self.get_object(), actor=self.caller))

    @extend_schema(request=PolicyReasonSerializer, responses=PolicyTextSerializer)
    def send_back(self, request: Request, name: str, number: int) -> Response:
        """Makes a draft of what is in review again, with the reason."""
        version, fields = self.get_object(), self.validated(PolicyReasonSerializer)
        return self.shown(services.send_back(version, actor=self.caller, **fields))

    @extend_schema(request=PublishSerializer, responses=PolicyTextSerializer)
    def publish(self, request: Request, name: str, number: int) -> Response:
        """Signs what was reviewed and puts it into force, by another person than its author."""
        version, fields = self.get_object(), self.validated(PublishSerializer)
        return self.shown(services.sign(version, actor=self.caller, **fields))

    @extend_schema(request=None, responses=PolicyTextSerializer)
    def retire(self, request: Request, name: str, number: int) -> Response:
        """Takes a published version out of force; nothing replaces it."""
        return self.shown(services.retire(self.get_object(), actor=self.caller))

    @extend_schema(request=PolicyReasonSerializer, responses=PolicyTextSerializer)
    def discard(self, request: Request, name: str, number: int) -> Response:
        """Lays a draft aside that never came into force."""
        version, fields = self.get_object(), self.validated(PolicyReasonSerializer)
        return self.shown(services.discard(version, actor=self.caller, **fields))

    def _numbered(self, number: int) -> PolicyVersion:
        where = {"policy__name": self.kwargs["name"], "number": number}
        return get_object_or_404(self.visible(), **where)

    def _earlier(self, version: PolicyVersion) -> PolicyVersion | None:
        asked = self.request.query_params.get("against")
        if asked is None:
            return inspection.former(
                version, list(self.visible().filter(policy=version.policy))
            )
        if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
            raise serializers.ValidationError({"against": "Give the number of a version."})
        return self._numbered(int(asked))


class PolicyFormViewSet(Resource):
    """What helps to write a policy; nothing is stored."""

    model = PolicyVersion
    serializer_class = CheckedSerializer
    scope = "read"

    @extend_schema(request=TextToCheckSerializer, responses=CheckedSerializer)
    def check(self, request: Request) -> Response:
        """Reads a text and answers with its problems, line by line; that it has some is no error."""
        found = inspection.inspect(**self.validated(TextToCheckSerializer), user=self.caller)
        document = found.resolved.document if found.resolved else None
        shown = {
            "problems": found.problems,
            "notes": found.notes,
            "document": document.model_dump(mode="json") if document else None,
            "sentences": document.rules if document else (),
        }
        return Response(CheckedSerializer(shown).data)

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def describe(self, request: Request) -> Response:
        """Serves the JSON schema of a policy, for editors."""
        address = reverse("api:policy_schema", request=request)
        return Response({"$id": address, **json_schema()})

    @extend_schema(request=None, responses=StartersSerializer)
    def starters(self, request: Request) -> Response:
        """Lists whole texts to begin a policy with."""
        return Response(StartersSerializer({"results": starters()}).data)
