"""Webhooks and the log of their deliveries. A secret is in the answer that makes it, and in no other."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.webhooks import queries, services, titles
from governance.webhooks.models import Delivery, Webhook

LONGEST_NAME, LONGEST_URL, LONGEST_DESCRIPTION, MOST_EVENTS = 63, 2000, 5000, 100
EVENTS = serializers.ListField(
    child=serializers.ChoiceField(titles.choices()), max_length=MOST_EVENTS
)


class WebhookSerializer(serializers.ModelSerializer):
    events = EVENTS
    state = serializers.ChoiceField(["active", "failing", "disabled"], read_only=True)
    is_signed = serializers.BooleanField(read_only=True)
    created_by = username("created_by")

    class Meta:
        model = Webhook
        fields = [
            "id", "name", "url", "description", "format", "events", "status", "state", "is_signed",
            "failures", "failing_since", "delivered_at", "created_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class MadeWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(
        help_text="Signs every delivery. It is never shown again; empty if the maker gave it."
    )

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class SecretSerializer(serializers.Serializer):
    secret = serializers.CharField(help_text="Never shown again.")
    former_secret_until = serializers.DateTimeField(
        help_text="Until then the secret before signs as well."
    )


class NewWebhookSerializer(serializers.Serializer):
    name = serializers.CharField(
        max_length=LONGEST_NAME, help_text="Letters, digits, “.”, “_” and “-”."
    )
    url = serializers.CharField(max_length=LONGEST_URL)
    format = serializers.ChoiceField(
        Webhook.Format.choices,
        default=Webhook.Format.STANDARD,
        help_text="`standard` tells governance events, signed with a secret the server makes; "
        "`mlflow` tells registry events as MLflow does.",
    )
    events = EVENTS
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True
    )
    secret = serializers.CharField(
        max_length=services.LONGEST_SECRET,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        write_only=True,
        help_text="Of the format `mlflow` only.",
    )

    def validate(self, given: dict) -> dict:
        if given.get("secret") and given["format"] == Webhook.Format.STANDARD:
            raise serializers.ValidationError(
                {"secret": ["The server makes the secret of a governance webhook."]}
            )
        return given


class ChangedWebhookSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=LONGEST_NAME, required=False)
    url = serializers.CharField(max_length=LONGEST_URL, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(titles.choices()), max_length=MOST_EVENTS, required=False
    )
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True
    )
    status = serializers.ChoiceField(Webhook.Status.choices, required=False)


class TestSerializer(serializers.Serializer):
    event = serializers.ChoiceField(
        titles.choices(), required=False, help_text="Without it the webhook's first event."
    )


class DeliverySerializer(serializers.ModelSerializer):
    body = serializers.CharField(help_text="What is said, as it is sent.")

    class Meta:
        model = Delivery
        fields = [
            "id", "event", "subject_label", "is_test", "again_of", "state", "attempts", "next_try_at",
            "response_status", "response_body", "error", "created_at", "tried_at", "finished_at",
            "body",
        ]  # fmt: skip
        read_only_fields = fields


class WebhookViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Webhook
    serializer_class = WebhookSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Webhook]:
        return queries.newest_first(self.caller).select_related("created_by")

    @extend_schema(request=NewWebhookSerializer, responses={201: MadeWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Makes a webhook that hears of what the caller may see, and nothing else."""
        fields = self.validated(NewWebhookSerializer)
        made = services.create_webhook(actor=self.caller, **fields)
        told = MadeWebhookSerializer(made).data
        if not made.is_standard:
            told["secret"] = ""
        return Response(told, status.HTTP_201_CREATED)

    @extend_schema(request=ChangedWebhookSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Changes what is named."""
        fields = self.validated(ChangedWebhookSerializer)
        return self.shown(
            services.update_webhook(self.get_object(), actor=self.caller, **fields)
        )

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Takes it out of use; what waits is given up."""
        services.delete_webhook(self.get_object(), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={201: SecretSerializer})
    def rotate(self, request: Request, pk: UUID) -> Response:
        """Gives a governance webhook a new secret; for a day the one before signs as well."""
        changed, secret = services.rotate_secret(self.get_object(), actor=self.caller)
        told = {"secret": secret, "former_secret_until": changed.former_secret_until}
        return Response(SecretSerializer(told).data, status.HTTP_201_CREATED)

    @extend_schema(request=TestSerializer, responses={201: DeliverySerializer})
    def test(self, request: Request, pk: UUID) -> Response:
        """Has the example of an event sent, once; how it went is in its delivery."""
        fields = self.validated(TestSerializer)
        sent = services.send_test(self.get_object(), actor=self.caller, **fields)
        return Response(DeliverySerializer(sent).data, status.HTTP_201_CREATED)


class DeliveryViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """What was sent to one webhook, the newest first, for 30 days."""

    model = Delivery
    serializer_class = DeliverySerializer
    scope = "govern"

    def visible(self) -> QuerySet[Delivery]:
        hook = queries.webhook_of(self.kwargs["webhook"], user=self.caller)
        return hook.deliveries.select_related("webhook")

    @extend_schema(request=None, responses={201: DeliverySerializer})
    def send_again(self, request: Request, webhook: UUID, pk: UUID) -> Response:
        """Sends what a finished delivery said once more, as a delivery of its own."""
        sent = services.send_again(self.get_object(), actor=self.caller)
        return Response(DeliverySerializer(sent).data, status.HTTP_201_CREATED)
