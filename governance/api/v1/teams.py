"""Teams: who is in them, and which roles of matrices they hold."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from governance.api.v1.use_cases import person, visible_use_case
from governance.usecases.queries import matrix_of
from raci import queries, teams
from raci.models import Team, TeamHolder


class HeldByTeamSerializer(serializers.ModelSerializer):
    scope = serializers.CharField(source="role.matrix.scope", read_only=True)
    role = serializers.CharField(source="role.code", read_only=True)

    class Meta:
        model = TeamHolder
        fields = ["id", "scope", "role", "assigned_at", "until"]
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer):
    members = serializers.SerializerMethodField(help_text="User names.")
    roles = HeldByTeamSerializer(
        source="held", many=True, read_only=True, help_text="In the matrices that one sees."
    )

    class Meta:
        model = Team
        fields = ["id", "name", "members", "roles", "created_at"]
        read_only_fields = fields

    def get_members(self, team: Team) -> list[str]:
        return [user.username for user in team.people]


class NewTeamSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=teams.LONGEST_NAME)


class NewMemberSerializer(serializers.Serializer):
    username = serializers.CharField()


class TeamHolderSerializer(serializers.ModelSerializer):
    role = serializers.CharField(source="role.code", read_only=True)
    team = serializers.CharField(source="team.name", read_only=True)

    class Meta:
        model = TeamHolder
        fields = ["id", "role", "team", "assigned_at", "until"]
        read_only_fields = fields


class NewTeamHolderSerializer(serializers.Serializer):
    role = serializers.CharField(help_text="Code of the role, such as RV.")
    team = serializers.CharField(help_text="Name of the team.")
    until = serializers.DateTimeField(required=False, allow_null=True)


class TeamViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Team
    serializer_class = TeamSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Team]:
        return queries.teams_seen_by(self.caller)

    @extend_schema(request=NewTeamSerializer, responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Makes a team without members; for administrators."""
        return self.created(
            teams.create(**self.validated(NewTeamSerializer), actor=self.caller)
        )

    def destroy(self, request: Request, pk: int) -> Response:
        """Deletes a team that holds no role any more."""
        teams.delete(self.get_object(), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NewMemberSerializer, responses={201: TeamSerializer})
    def add_member(self, request: Request, pk: int) -> Response:
        """Adds a person, who holds from now what the team holds."""
        team, fields = self.get_object(), self.validated(NewMemberSerializer)
        teams.add_member(team, person(fields["username"], "username"), actor=self.caller)
        return self.created(team)

    def remove_member(self, request: Request, pk: int, username: str) -> Response:
        """Takes a person out, and with that out of what they held through the team."""
        team = self.get_object()
        member = get_object_or_404(team.members, username=username)
        teams.remove_member(team, member, actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TeamHolderViewSet(Resource):
    model = TeamHolder
    serializer_class = TeamHolderSerializer
    scope = "govern"

    def visible(self) -> QuerySet[TeamHolder]:
        matrix = matrix_of(visible_use_case(self))
        held = TeamHolder.objects.filter(role__matrix=matrix)
        return held.select_related("role__matrix", "team")

    @extend_schema(request=NewTeamHolderSerializer, responses={201: TeamHolderSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Puts a team into a role, for good or until a moment."""
        matrix, fields = (
            matrix_of(visible_use_case(self)),
            self.validated(NewTeamHolderSerializer),
        )
        held = teams.assign_team(
            matrix,
            fields["role"],
            teams.named(fields["team"]),
            actor=self.caller,
            until=fields.get("until"),
        )
        return self.created(held)

    def destroy(self, request: Request, slug: str, pk: int) -> Response:
        """Takes the team out of the role; members who hold it in their own name keep it."""
        teams.unassign_team(get_object_or_404(self.visible(), pk=pk), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)
