"""The model card of a version: reading it whole, writing its texts, confirming carried-over ones."""

from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from governance.cards import render, services
from governance.cards.document import build, completeness
from governance.cards.fields import GATES
from governance.cards.models import TEXTS, CardRevision
from registry.models import ModelVersion
from registry.queries import version_numbered


class MarkdownRenderer(BaseRenderer):
    media_type = "text/markdown"
    format = "markdown"

    def render(self, data: object, *_: object, **__: object) -> bytes:
        """Problems stay JSON: only a card is text."""
        return data.encode() if isinstance(data, str) else JSONRenderer().render(data)


class CardTextsSerializer(serializers.ModelSerializer):
    class Meta:
        model = CardRevision
        fields = list(TEXTS)
        extra_kwargs = {name: {"required": False} for name in TEXTS}


class ConfirmationSerializer(serializers.Serializer):
    keys = serializers.ListField(
        child=serializers.ChoiceField(TEXTS), required=False, help_text="All when left out."
    )


class CompletenessSerializer(serializers.Serializer):
    filled = serializers.IntegerField()
    required = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())


class CardSerializer(serializers.Serializer):
    """A card by its sections and fields, and how complete it is for each gate."""

    model = serializers.CharField()
    version = serializers.IntegerField()
    revision = serializers.IntegerField()
    digest = serializers.CharField(help_text="Names exactly this content.")
    sections = serializers.DictField(child=serializers.DictField())
    completeness = serializers.DictField(child=CompletenessSerializer())


class CardViewSet(Resource):
    model = CardRevision
    serializer_class = CardSerializer
    scope = "register"

    def get_renderers(self) -> list[BaseRenderer]:
        """Markdown is for reading only."""
        renderers = super().get_renderers()
        return [*renderers, MarkdownRenderer()] if self.action == "retrieve" else renderers

    @extend_schema(
        responses={
            (200, "application/json"): CardSerializer,
            (200, "text/markdown"): OpenApiTypes.STR,
        }
    )
    def retrieve(self, request: Request, name: str, number: int) -> Response:
        """Shows the card as JSON, or as Markdown with `Accept: text/markdown` or `?format=markdown`."""
        version = version_numbered(name, number, user=self.caller)
        if request.accepted_renderer.format == MarkdownRenderer.format:
            return Response(render.markdown(build(version)))
        return Response(_card(version))

    @extend_schema(request=CardTextsSerializer, responses=CardSerializer)
    def partial_update(self, request: Request, name: str, number: int) -> Response:
        """Replaces the texts given and keeps the others; a text written here is confirmed by that."""
        version = version_numbered(name, number, user=self.caller)
        services.revise(version, actor=self.caller, **self.validated(CardTextsSerializer))
        return Response(_card(version))

    @extend_schema(request=ConfirmationSerializer, responses=CardSerializer)
    def confirm(self, request: Request, name: str, number: int) -> Response:
        """Says that texts carried over from the former version hold for this one too."""
        version = version_numbered(name, number, user=self.caller)
        services.confirm(version, actor=self.caller, **self.validated(ConfirmationSerializer))
        return Response(_card(version))


def _card(version: ModelVersion) -> dict:
    document = build(version)
    complete = {gate: completeness(document, gate) for gate in GATES}
    return render.json(document) | {
        "completeness": {
            gate: {
                "filled": one.filled,
                "required": one.required,
                "missing": [field.missing_sentence for field in one.missing],
            }
            for gate, one in complete.items()
        }
    }
