"""Who the caller is and what the token in use may do."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from governance.accounts.models import ApiToken, Scope, User
from governance.accounts.queries import Bearer
from governance.api.schema import Schema


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
