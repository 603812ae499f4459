"""Who the caller is, what the token in use may do, and how the caller wants mail."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from governance.accounts.models import ApiToken, Scope, User
from governance.accounts.queries import Bearer
from governance.api.resources import Resource
from governance.api.schema import Schema
from governance.notifications.kinds import Group, deliveries_of
from governance.notifications.queries import preferences_of
from governance.notifications.services import set_preferences


class TokenSerializer(serializers.ModelSerializer):
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "expires_at"]


class MeSerializer(serializers.ModelSerializer):
    display_name = serializers.CharField()
    groups = serializers.SlugRelatedField("name", many=True, read_only=True)
    token = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["username", "display_name", "email", "groups", "token"]

    @extend_schema_field(TokenSerializer(allow_null=True))
    def get_token(self, user: User) -> dict | None:
        token = self.context["token"]
        return TokenSerializer(token).data if isinstance(token, Bearer) else None


class MeViewSet(ViewSet):
    schema = Schema()
    metadata_class = None

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        """Shows whose token this is and its scopes; `token` is null for a signed-in browser."""
        return Response(MeSerializer(request.user, context={"token": request.auth}).data)


class DeliveriesSerializer(serializers.Serializer):
    """How the mail of each group comes."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            group.value: serializers.ChoiceField(
                [one.value for one in deliveries_of(group)], required=False
            )
            for group in Group
        }

    def to_internal_value(self, data: object) -> dict:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {str(name): [f"Groups are {', '.join(self.fields)}."] for name in unknown}
            )
        return super().to_internal_value(data)


class MailPreferencesSerializer(serializers.Serializer):
    deliveries = DeliveriesSerializer(
        required=False, help_text="For each group `at_once`, `digest` or `never`."
    )
    digest_hour = serializers.IntegerField(
        min_value=0, max_value=23, required=False, help_text="Hour of the daily mail."
    )
    quiet_from = serializers.TimeField(
        required=False, allow_null=True, help_text="Mail at once waits from here …"
    )
    quiet_until = serializers.TimeField(
        required=False, allow_null=True, help_text="… to here; both null is no quiet hours."
    )
    time_zone = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="IANA name the hours are read in; empty is the server's.",
    )


class MailPreferencesViewSet(Resource):
    model = User
    serializer_class = MailPreferencesSerializer
    scope = "govern"

    def retrieve(self, request: Request) -> Response:
        """Shows how the caller wants mail: each group, the hour of the daily mail, quiet hours."""
        return self._shown()

    @extend_schema(responses=MailPreferencesSerializer)
    def partial_update(self, request: Request) -> Response:
        """Changes what is named; mail that waits follows it too."""
        fields = self.validated(MailPreferencesSerializer)
        set_preferences(self.caller, actor=self.caller, **fields)
        return self._shown()

    def _shown(self) -> Response:
        kept = preferences_of(self.caller)
        told = {
            "deliveries": {group.value: kept.delivery_of(group).value for group in Group},
            "digest_hour": kept.digest_hour,
            "quiet_from": kept.quiet_from,
            "quiet_until": kept.quiet_until,
            "time_zone": self.caller.time_zone,
        }
        return Response(MailPreferencesSerializer(told).data)
