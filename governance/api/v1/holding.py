"""Who stands in for whom: deputies, absences, handing over, and accepting one's duties."""

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.models import User
from governance.api.resources import Resource
from governance.api.v1.use_cases import person, visible_use_case
from governance.responsibility.person import visible_people
from governance.usecases.models import UseCase
from governance.usecases.queries import matrix_of
from raci import acceptance, holding, queries
from raci.models import Absence, Deputy


class DeputySerializer(serializers.ModelSerializer):
    person = serializers.CharField(source="person.username", read_only=True)
    deputy = serializers.CharField(source="deputy.username", read_only=True)
    scope = serializers.CharField(source="matrix.scope", default=None, allow_null=True)

    class Meta:
        model = Deputy
        fields = ["id", "person", "deputy", "scope", "since", "until", "named_at"]
        read_only_fields = fields


class NewDeputySerializer(serializers.Serializer):
    deputy = serializers.CharField(help_text="User name of who stands in.")
    use_case = serializers.SlugField(required=False, help_text="Only in its matrix.")
    since = serializers.DateTimeField(required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)


class AbsenceSerializer(serializers.ModelSerializer):
    person = serializers.CharField(source="person.username", read_only=True)

    class Meta:
        model = Absence
        fields = ["id", "person", "since", "until", "entered_at"]
        read_only_fields = fields


class NewAbsenceSerializer(serializers.Serializer):
    since = serializers.DateTimeField(required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)


class HandOverSerializer(serializers.Serializer):
    to = serializers.CharField(help_text="User name of who gets the roles.")
    use_case = serializers.SlugField(required=False, help_text="Only in its matrix.")
    reason = serializers.CharField(max_length=holding.LONGEST_REASON)


class MovedSerializer(serializers.Serializer):
    scope = serializers.CharField(source="matrix.scope")
    roles = serializers.ListField(child=serializers.CharField())
    stays = serializers.SerializerMethodField(
        help_text="Sentences on what the person goes on to hold as a member of a team."
    )

    def get_stays(self, moved: holding.Moved) -> list[str]:
        return [queries.membership_sentence(one) for one in moved.stays]


class AcceptanceSerializer(serializers.Serializer):
    digest = serializers.CharField(
        help_text="Names exactly these letters; send it back to accept."
    )
    letters = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    accepted_at = serializers.DateTimeField(allow_null=True)


class AcceptSerializer(serializers.Serializer):
    digest = serializers.CharField(max_length=64)


class OfPerson(Resource):
    """What belongs to one person whom the caller may look at."""

    scope = "govern"

    @property
    def person(self) -> User:
        return get_object_or_404(visible_people(self.caller), username=self.kwargs["username"])

    def one(self, pk: int) -> Model:
        return get_object_or_404(self.visible(), pk=pk)

    def scope_named(self, fields: dict) -> UseCase | None:
        if "use_case" not in fields:
            return None
        seen = UseCase.objects.visible_to(self.caller)
        return get_object_or_404(seen, slug=fields["use_case"])


class DeputyViewSet(OfPerson):
    model = Deputy
    serializer_class = DeputySerializer

    def visible(self) -> QuerySet[Deputy]:
        found = Deputy.objects.filter(person=self.person)
        return found.select_related("person", "deputy", "matrix")

    @extend_schema(request=NewDeputySerializer, responses={201: DeputySerializer})
    def create(self, request: Request, username: str) -> Response:
        """Names who stands in for the person while they are away."""
        one, fields = self.person, self.validated(NewDeputySerializer)
        use_case = self.scope_named(fields)
        made = holding.name_deputy(
            one,
            person(fields["deputy"], "deputy"),
            actor=self.caller,
            matrix=matrix_of(use_case) if use_case else None,
            since=fields.get("since"),
            until=fields.get("until"),
        )
        return self.created(made)

    def destroy(self, request: Request, username: str, pk: int) -> Response:
        """Ends it now."""
        holding.end_deputy(self.one(pk), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AbsenceViewSet(OfPerson):
    model = Absence
    serializer_class = AbsenceSerializer

    def visible(self) -> QuerySet[Absence]:
        return Absence.objects.filter(person=self.person).select_related("person")

    @extend_schema(request=NewAbsenceSerializer, responses={201: AbsenceSerializer})
    def create(self, request: Request, username: str) -> Response:
        """Says that the person is away; their deputies carry their duties then."""
        one, fields = self.person, self.validated(NewAbsenceSerializer)
        return self.created(holding.enter_absence(one, actor=self.caller, **fields))

    def destroy(self, request: Request, username: str, pk: int) -> Response:
        """Says that the person is back, or stays."""
        holding.end_absence(self.one(pk), actor=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


class HandOverViewSet(OfPerson):
    model = User
    serializer_class = MovedSerializer

    @extend_schema(request=HandOverSerializer, responses={201: MovedSerializer(many=True)})
    def create(self, request: Request, username: str) -> Response:
        """Moves every role of the person to another, in one matrix or in all one may change."""
        one, fields = self.person, self.validated(HandOverSerializer)
        use_case = self.scope_named(fields)
        moved = holding.hand_over(
            one,
            person(fields["to"], "to"),
            actor=self.caller,
            reason=fields["reason"],
            scope=use_case.scope if use_case else None,
        )
        return Response(MovedSerializer(moved, many=True).data, status.HTTP_201_CREATED)


class AcceptanceViewSet(Resource):
    model = User
    serializer_class = AcceptanceSerializer
    scope = "govern"

    @extend_schema(responses=AcceptanceSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Shows what the caller holds in the matrix, and when they accepted just that."""
        held = acceptance.of_person(self.caller, matrix_of(visible_use_case(self)))
        nothing = {"digest": "", "letters": [], "accepted_at": None}
        return Response(AcceptanceSerializer(held or nothing).data)

    @extend_schema(request=AcceptSerializer, responses={201: AcceptanceSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Accepts exactly what the digest names."""
        matrix, fields = matrix_of(visible_use_case(self)), self.validated(AcceptSerializer)
        holding.accept(self.caller, matrix, fields["digest"])
        held = acceptance.of_person(self.caller, matrix)
        return Response(AcceptanceSerializer(held).data, status.HTTP_201_CREATED)
