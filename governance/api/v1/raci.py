"""Who is Responsible, Accountable, Consulted and Informed in a use case, and who holds the roles."""

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parsers import TableParser
from governance.api.renderers import CSVTextRenderer, WorkbookRenderer
from governance.api.resources import Resource
from governance.api.v1.use_cases import person, visible_use_case
from governance.usecases.queries import matrix_of
from raci import document, exchange, organisation, queries, rules, services, versions
from raci.advice import advise
from raci.edits import MAX_EDITS, AnyEdit, Edit, SetNaming
from raci.models import Holder, Letters, Matrix, MatrixVersion, Naming, Role, TeamHolder
from raci.naming import WORDS


class HolderSerializer(serializers.ModelSerializer):
    role = serializers.CharField(source="role.code", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)
    team = serializers.CharField(
        source="team.name",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Through which the person holds it.",
    )

    class Meta:
        model = Holder
        fields = ["id", "role", "username", "name", "team", "assigned_at", "until"]
        read_only_fields = fields


class RoleSerializer(serializers.ModelSerializer):
    holders = serializers.SerializerMethodField(help_text="User names of who holds it now.")
    teams = serializers.SerializerMethodField(
        help_text="Teams that hold it now; their members are among the holders."
    )

    class Meta:
        model = Role
        fields = ["code", "title", "holders", "teams"]
        read_only_fields = fields

    def get_teams(self, role: Role) -> list[str]:
        return [held.team.name for held in role.held_by_teams]

    def get_holders(self, role: Role) -> list[str]:
        return [holder.user.username for holder in role.held]


class LineSerializer(serializers.Serializer):
    key = serializers.CharField()
    stage = serializers.CharField()
    title = serializers.CharField()
    segregated = serializers.BooleanField()
    cells = serializers.DictField(
        child=serializers.ChoiceField(Letters.choices), help_text="Letters by the role's code."
    )


class RemarkSerializer(serializers.Serializer):
    """What breaks a rule, or is allowed and seldom good; activity and role may be empty."""

    code = serializers.CharField(help_text="Of the rule, such as R1.")
    severity = serializers.ChoiceField(["error", "warning", "note"])
    sentence = serializers.CharField()
    activity = serializers.CharField()
    role = serializers.CharField()


class GridSerializer(serializers.Serializer):
    scope = serializers.CharField()
    version = serializers.IntegerField(help_text="Send it back as `expected`.")
    digest = serializers.CharField()
    naming = serializers.ChoiceField(Naming.choices)
    letters = serializers.DictField(
        child=serializers.CharField(),
        help_text="The words of the letters as people write them; in the cells it is always R.",
    )
    roles = RoleSerializer(many=True)
    activities = LineSerializer(many=True)
    problems = RemarkSerializer(many=True)
    advice = RemarkSerializer(many=True)


class CellSerializer(serializers.Serializer):
    activity = serializers.CharField(max_length=60)
    role = serializers.CharField(max_length=10)
    letters = serializers.CharField(
        max_length=10, allow_blank=True, help_text="Empty takes them away."
    )


class ExpectedSerializer(serializers.Serializer):
    expected = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version that the change was thought out on; 409 if there is a later one.",
    )


class RevisionSerializer(ExpectedSerializer):
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=services.MAX_REASON
    )


class CellsSerializer(RevisionSerializer):
    naming = serializers.ChoiceField(Naming.choices, required=False)
    cells = CellSerializer(many=True, required=False, max_length=MAX_EDITS)


class WholeSerializer(RevisionSerializer):
    matrix = serializers.DictField(help_text="Of the form of `raci/schema/`.")


class ImportSerializer(RevisionSerializer):
    preview = serializers.BooleanField(
        default=False, help_text="Whether to tell the changes without saving them."
    )


class TableSerializer(ImportSerializer):
    text = serializers.CharField(
        max_length=exchange.MAX_BYTES,
        trim_whitespace=False,
        help_text="CSV with commas, semicolons or tabs, or cells copied from a spreadsheet.",
    )

    def table(self) -> exchange.Table:
        return exchange.pasted(self.validated_data.pop("text"))


class TableFileSerializer(ImportSerializer):
    file = serializers.FileField(allow_empty_file=True, help_text="CSV or XLSX.")

    def table(self) -> exchange.Table:
        return exchange.table_of(self.validated_data.pop("file").read())


class ImportedSerializer(serializers.Serializer):
    version = serializers.IntegerField(help_text="The latest version there is now.")
    changes = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What had to be guessed to read it."
    )
    problems = RemarkSerializer(many=True, help_text="What the change would make unsound.")


class MatrixVersionSerializer(serializers.ModelSerializer):
    changed_by = serializers.CharField(source="changed_by_name", read_only=True)

    class Meta:
        model = MatrixVersion
        fields = ["number", "digest", "changed_by", "reason", "at"]
        read_only_fields = fields


class WholeVersionSerializer(MatrixVersionSerializer):
    changes = serializers.SerializerMethodField(help_text="Against the version before.")
    matrix = serializers.DictField(source="snapshot", read_only=True)

    class Meta(MatrixVersionSerializer.Meta):
        fields = [*MatrixVersionSerializer.Meta.fields, "changes", "matrix"]
        read_only_fields = fields

    def get_changes(self, version: MatrixVersion) -> list[str]:
        before = MatrixVersion.objects.filter(
            matrix=version.matrix_id, number=version.number - 1
        ).first()
        return versions.changes(before.snapshot, version.snapshot) if before else []


class MatrixTemplateSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    matrix = serializers.DictField(source="snapshot")


class MatrixTemplatesSerializer(serializers.Serializer):
    """The first is taken when nobody chooses."""

    results = MatrixTemplateSerializer(many=True)


class NewHolderSerializer(serializers.Serializer):
    role = serializers.CharField(help_text="Code of the role, such as RV.")
    username = serializers.CharField()
    until = serializers.DateTimeField(required=False, allow_null=True)


class MatrixViewSet(Resource):
    model = Matrix
    serializer_class = GridSerializer
    scope = "govern"

    def get_renderers(self) -> list[BaseRenderer]:
        own = {"as_csv": [CSVTextRenderer()], "as_xlsx": [WorkbookRenderer()]}
        return [*super().get_renderers(), *own.get(self.action, [])]

    def get_parsers(self) -> list[BaseParser]:
        """Only a table may come as a file."""
        takes_file = self.action_map.get("post") == "take_in"
        return [*super().get_parsers(), *([TableParser()] if takes_file else [])]

    @extend_schema(responses=GridSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Shows the whole matrix: roles with their holders, letters, and what is unsound."""
        return _grid(matrix_of(visible_use_case(self)))

    @extend_schema(request=CellsSerializer, responses=GridSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Sets the letters of cells and the naming: all or none, as one new version."""
        matrix, fields = matrix_of(visible_use_case(self)), self.validated(CellsSerializer)
        edits: list[AnyEdit] = [
            Edit(one["activity"], one["role"], one["letters"])
            for one in fields.pop("cells", [])
        ]
        if "naming" in fields:
            edits.insert(0, SetNaming(fields.pop("naming")))
        services.revise(matrix, edits, actor=self.caller, **fields)
        return _grid(matrix)

    @extend_schema(request=WholeSerializer, responses=GridSerializer)
    def update(self, request: Request, slug: str) -> Response:
        """Makes the matrix what the document says, roles and activities too, as one new version."""
        matrix, fields = matrix_of(visible_use_case(self)), self.validated(WholeSerializer)
        wanted = document.built(fields.pop("matrix"))
        edits = versions.difference(queries.snapshot(matrix), wanted)
        services.revise(matrix, edits, actor=self.caller, **fields)
        return _grid(matrix)

    @extend_schema(request=ExpectedSerializer, responses=GridSerializer)
    def add_components(self, request: Request, slug: str) -> Response:
        """Adds the ten components of a machine-learning system as rows, each with an owner."""
        matrix, fields = matrix_of(visible_use_case(self)), self.validated(ExpectedSerializer)
        services.add_components(matrix, actor=self.caller, **fields)
        return _grid(matrix)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def as_csv(self, request: Request, slug: str) -> HttpResponse:
        """Gives the letters as a table for a spreadsheet."""
        matrix = matrix_of(visible_use_case(self))
        return HttpResponse(
            exchange.as_csv(queries.snapshot(matrix)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="raci-{slug}.csv"'},
        )

    @extend_schema(responses={(200, WorkbookRenderer.media_type): OpenApiTypes.BINARY})
    def as_xlsx(self, request: Request, slug: str) -> HttpResponse:
        """Gives the letters as a workbook of one sheet."""
        matrix = matrix_of(visible_use_case(self))
        return HttpResponse(
            exchange.as_xlsx(queries.snapshot(matrix)),
            content_type=WorkbookRenderer.media_type,
            headers={"Content-Disposition": f'attachment; filename="raci-{slug}.xlsx"'},
        )

    @extend_schema(
        request={
            "application/json": TableSerializer,
            "multipart/form-data": TableFileSerializer,
        },
        responses=ImportedSerializer,
    )
    def take_in(self, request: Request, slug: str) -> Response:
        """Reads a table back: every cell that cannot be is told, and then nothing is changed."""
        matrix = matrix_of(visible_use_case(self))
        services.require_change(self.caller, matrix)
        is_form = request.content_type.startswith("multipart/")
        sent = (TableFileSerializer if is_form else TableSerializer)(data=request.data)
        sent.is_valid(raise_exception=True)
        before = queries.snapshot(matrix)
        reading = exchange.read(sent.table(), before)
        fields, after = sent.validated_data, reading.or_refused()
        if not fields.pop("preview"):
            edits = versions.difference(before, after)
            services.revise(matrix, edits, actor=self.caller, **fields)
        shown = {
            "version": queries.latest_version(matrix).number,
            "changes": versions.changes(before, after),
            "notes": reading.notes,
            "problems": versions.new_problems(before, after),
        }
        return Response(ImportedSerializer(shown).data)


class MatrixVersionViewSet(ListModelMixin, Resource):
    """Every change of a matrix, the latest first."""

    model = MatrixVersion
    serializer_class = MatrixVersionSerializer
    scope = "govern"

    def visible(self) -> QuerySet[MatrixVersion]:
        return matrix_of(visible_use_case(self)).versions.all()

    @extend_schema(responses=WholeVersionSerializer)
    def retrieve(self, request: Request, slug: str, number: int) -> Response:
        """Shows a matrix as it stood, and what had changed."""
        version = get_object_or_404(self.visible(), number=number)
        return Response(WholeVersionSerializer(version).data)

    @extend_schema(request=RevisionSerializer, responses=WholeVersionSerializer)
    def restore(self, request: Request, slug: str, number: int) -> Response:
        """Makes the matrix what it was in this version, as a new version, which is the answer."""
        version = get_object_or_404(self.visible(), number=number)
        fields = self.validated(RevisionSerializer)
        saved = services.restore(version, actor=self.caller, **fields)
        return Response(WholeVersionSerializer(saved).data)


class MatrixFormViewSet(Resource):
    """What helps to write a matrix; nothing is stored."""

    model = Matrix
    serializer_class = MatrixTemplatesSerializer
    scope = "read"

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def describe(self, request: Request) -> Response:
        """Serves the JSON schema of a matrix."""
        address = reverse("api:raci_schema", request=request)
        return Response({"$id": address, **document.json_schema()})

    @extend_schema(request=None, responses=MatrixTemplatesSerializer)
    def list_templates(self, request: Request) -> Response:
        """Lists the matrices that a use case may start from."""
        return Response(MatrixTemplatesSerializer({"results": organisation.beginnings()}).data)


class HolderViewSet(Resource):
    model = Holder
    serializer_class = HolderSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Holder]:
        matrix = matrix_of(visible_use_case(self))
        rows = Holder.objects.filter(role__matrix=matrix)
        return rows.select_related("role__matrix", "user", "team")

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
        """Takes the person out of the role; 409 for a member of a team that holds it."""
        services.unassign(get_object_or_404(self.visible(), pk=pk), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _grid(matrix: Matrix) -> Response:
    matrix = Matrix.objects.get(pk=matrix.pk)
    snapshot, latest = queries.snapshot(matrix), queries.latest_version(matrix)
    lines = versions.lines(snapshot)
    grid = {
        "scope": matrix.scope,
        "version": latest.number,
        "digest": latest.digest,
        "naming": matrix.naming,
        "letters": WORDS[matrix.naming],
        "roles": _roles_with_holders(matrix),
        "activities": snapshot["activities"],
        "problems": rules.check(lines),
        "advice": advise(lines),
    }
    return Response(GridSerializer(grid).data)


def _roles_with_holders(matrix: Matrix) -> QuerySet[Role]:
    current = Holder.objects.current().select_related("user")
    teams = TeamHolder.objects.current().select_related("team")
    return matrix.roles.prefetch_related(
        Prefetch("holders", current, to_attr="held"),
        Prefetch("team_holders", teams, to_attr="held_by_teams"),
    )
