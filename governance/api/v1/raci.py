"""Who is Responsible, Accountable, Consulted and Informed in a use case, and who holds the roles."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from governance.api.v1.use_cases import person, visible_use_case
from governance.usecases.queries import matrix_of
from raci import queries, services
from raci.models import Holder, Letters, Matrix, Role


class HolderSerializer(serializers.ModelSerializer):
    role = serializers.CharField(source="role.code", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)

    class Meta:
        model = Holder
        fields = ["id", "role", "username", "name", "assigned_at", "until"]
        read_only_fields = fields


class RoleSerializer(serializers.ModelSerializer):
    holders = serializers.SerializerMethodField(help_text="User names of who holds it now.")

    class Meta:
        model = Role
        fields = ["code", "title", "holders"]
        read_only_fields = fields

    def get_holders(self, role: Role) -> list[str]:
        return [holder.user.username for holder in role.held]


class LineSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    segregated = serializers.BooleanField()
    cells = serializers.DictField(
        child=serializers.ChoiceField(Letters.choices), help_text="Letters by the role's code."
    )


class GridSerializer(serializers.Serializer):
    scope = serializers.CharField()
    roles = RoleSerializer(many=True)
    activities = LineSerializer(many=True)
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="What breaks the rules of a sound matrix."
    )
    advice = serializers.ListField(
        child=serializers.CharField(), help_text="What is allowed and seldom good."
    )


class NewHolderSerializer(serializers.Serializer):
    role = serializers.CharField(help_text="Code of the role, such as RV.")
    username = serializers.CharField()
    until = serializers.DateTimeField(required=False, allow_null=True)


class MatrixViewSet(Resource):
    model = Matrix
    serializer_class = GridSerializer

    @extend_schema(responses=GridSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Shows the whole matrix: roles with their holders, letters, and what is unsound."""
        matrix = matrix_of(visible_use_case(self))
        grid = {
            "scope": matrix.scope,
            "roles": _roles_with_holders(matrix),
            "activities": queries.grid(matrix),
            "problems": [problem.sentence for problem in queries.problems(matrix)],
            "advice": [one.sentence for one in queries.advice(matrix)],
        }
        return Response(GridSerializer(grid).data)


class HolderViewSet(Resource):
    model = Holder
    serializer_class = HolderSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Holder]:
        matrix = matrix_of(visible_use_case(self))
        return Holder.objects.filter(role__matrix=matrix).select_related("role__matrix", "user")

    @extend_schema(request=NewHolderSerializer, responses={201: HolderSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Puts a person into a role, for good or until a moment."""
        matrix, fields = matrix_of(visible_use_case(self)), self.validated(NewHolderSerializer)
        user = person(fields["username"], "username")
        holder = services.assign(
            matrix, fields["role"], user, actor=self.caller, until=fields.get("until")
        )
        return self.created(holder)

    def destroy(self, request: Request, slug: str, pk: int) -> Response:
        """Takes the person out of the role."""
        services.unassign(get_object_or_404(self.visible(), pk=pk), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _roles_with_holders(matrix: Matrix) -> QuerySet[Role]:
    current = Holder.objects.current().select_related("user")
    return matrix.roles.prefetch_related(Prefetch("holders", current, to_attr="held"))
