"""Chat channels, and what did not arrive there. The address is taken and never given."""

from django.contrib.auth.models import Group as People
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.errors import NotFound
from governance.notifications.chat import services
from governance.notifications.chat.addresses import SCHEMES
from governance.notifications.kinds import Group
from governance.notifications.models import Channel, Message
from governance.outbound import LONGEST_URL


class ChannelSerializer(serializers.ModelSerializer):
    user = username("user", nullable=True)
    people = serializers.CharField(
        source="people.name",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="The group whose people it hears of.",
    )
    groups = serializers.ListField(child=serializers.ChoiceField(Group.choices))
    created_by = username("created_by")

    class Meta:
        model = Channel
        fields = [
            "id", "name", "scheme", "host", "user", "people", "groups", "created_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewChannelSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=services.LONGEST_NAME)
    scheme = serializers.ChoiceField(
        list(SCHEMES.items()), help_text="`workflows` is Microsoft Teams."
    )
    address = serializers.CharField(
        max_length=LONGEST_URL,
        write_only=True,
        help_text="Of an incoming webhook; sealed, and never shown again.",
    )
    groups = serializers.ListField(
        child=serializers.ChoiceField(Group.choices), max_length=len(Group)
    )
    people = serializers.CharField(
        required=False,
        max_length=150,
        help_text="Name of a group whose people it hears of; administrators only. Without it, the caller.",
    )


class MessageSerializer(serializers.ModelSerializer):
    channel = serializers.CharField(source="channel.name")
    title = serializers.CharField(source="notification.title")
    url = serializers.CharField(source="notification.url")

    class Meta:
        model = Message
        fields = [
            "id", "channel", "title", "url", "state", "attempts", "next_try_at", "last_error",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ChannelViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Channel
    serializer_class = ChannelSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Channel]:
        return services.readable_by(self.caller)

    @extend_schema(request=NewChannelSerializer, responses={201: ChannelSerializer})
    def create(self, request: Request) -> Response:
        """Adds a channel that is told what the caller is told, or the people of a group."""
        fields = self.validated(NewChannelSerializer)
        name = fields.pop("people", "")
        people = People.objects.filter(name=name).first()
        if name and people is None:
            raise NotFound("There is no such group.")
        return self.created(services.add(actor=self.caller, people=people, **fields))

    def destroy(self, request: Request, pk: int) -> Response:
        """Forgets the address; what waits is not sent."""
        services.remove(self.get_object(), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MessageViewSet(ListModelMixin, Resource):
    """Chat messages that failed or are being tried again."""

    model = Message
    serializer_class = MessageSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Message]:
        return services.troubled(self.caller)

    @extend_schema(request=None, responses={201: MessageSerializer})
    def send_again(self, request: Request, pk: int) -> Response:
        """Queues a message that was given up."""
        again = services.send_again(self.get_object(), actor=self.caller)
        return Response(MessageSerializer(again).data, status.HTTP_201_CREATED)
