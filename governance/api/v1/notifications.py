"""What people were told, and how far the mail of it has come."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.notifications import queries, services
from governance.notifications.acknowledging import MOST, acknowledge
from governance.notifications.filters import NotificationFilter
from governance.notifications.kinds import Group
from governance.notifications.models import Notification


class NotificationSerializer(serializers.ModelSerializer):
    user = username("user")
    group = serializers.ChoiceField(Group.choices, read_only=True)

    class Meta:
        model = Notification
        fields = [
            "id", "user", "kind", "group", "subject_type", "subject_id", "title", "line", "url",
            "letter", "capacity", "created_at", "read_at", "due_at", "settled_at", "mail_state", "mailed_at", "attempts",
            "next_try_at", "last_error",
        ]  # fmt: skip
        read_only_fields = fields


class AcknowledgingSerializer(serializers.Serializer):
    notifications = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        allow_empty=False,
        max_length=MOST,
        help_text="Ids of the caller's own; others count for nothing.",
    )


class AcknowledgedSerializer(serializers.Serializer):
    acknowledged = serializers.IntegerField(help_text="How many were not yet.")


class NotificationViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Notification
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    scope = "govern"

    def visible(self) -> QuerySet[Notification]:
        return queries.readable_by(self.caller)

    @extend_schema(request=AcknowledgingSerializer, responses={201: AcknowledgedSerializer})
    def acknowledge(self, request: Request) -> Response:
        """Takes note of what the caller was told; on record where a letter of a matrix tells them."""
        fields = self.validated(AcknowledgingSerializer)
        count = acknowledge(fields["notifications"], actor=self.caller)
        return Response({"acknowledged": count}, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: NotificationSerializer})
    def send_again(self, request: Request, pk: int) -> Response:
        """Queues a mail that was given up; by who should have got it, or an administrator."""
        row = services.send_again(self.get_object(), actor=self.caller)
        # An administrator may no longer read it: it is not in trouble any more.
        return Response(self.get_serializer(row).data, status.HTTP_201_CREATED)
