"""Use cases: the need, what errors cost, requirements, and the models they govern."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.models import User
from governance.api.resources import Resource, Text, username
from governance.errors import Invalid
from governance.usecases import queries, services
from governance.usecases.filters import UseCaseFilter
from governance.usecases.models import GovernedModel, Requirement, UseCase
from registry.queries import model_named


class RequirementSerializer(serializers.ModelSerializer):
    class Meta:
        model = Requirement
        fields = ["id", "title", "owner_team", "state"]
        read_only_fields = fields


class UseCaseSerializer(serializers.ModelSerializer):
    models = serializers.SerializerMethodField(help_text="Names of the models it governs.")
    requirements = RequirementSerializer(many=True, read_only=True)
    created_by = username("created_by")

    class Meta:
        model = UseCase
        fields = [
            "slug", "title", "need", "tier", "positive_meaning", "favourable_outcome",
            "cost_true_positive", "cost_false_positive", "cost_true_negative",
            "cost_false_negative", "cost_unit", "models", "requirements",
            "created_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_models(self, use_case: UseCase) -> list[str]:
        return [governed.model.name for governed in use_case.named]


class CaseSerializer(UseCaseSerializer):
    gaps = serializers.SerializerMethodField(help_text="What the one-page case still lacks.")

    class Meta(UseCaseSerializer.Meta):
        fields = [*UseCaseSerializer.Meta.fields, "gaps"]
        read_only_fields = fields

    def get_gaps(self, use_case: UseCase) -> list[str]:
        return queries.case_gaps(use_case)


class CaseChangesSerializer(serializers.Serializer):
    title = serializers.CharField(required=False)
    need = Text()
    positive_meaning = Text()
    favourable_outcome = serializers.ChoiceField(UseCase.Favourable.choices, required=False)
    cost_true_positive = serializers.FloatField(required=False)
    cost_false_positive = serializers.FloatField(required=False)
    cost_true_negative = serializers.FloatField(required=False)
    cost_false_negative = serializers.FloatField(required=False)
    cost_unit = Text()


class NewCaseSerializer(CaseChangesSerializer):
    title = serializers.CharField()
    slug = serializers.SlugField(required=False)
    tier = serializers.ChoiceField(UseCase.Tier.choices, required=False)
    template = serializers.CharField(
        required=False,
        help_text="Key of the RACI template; without it, the organisation's default.",
    )
    holders = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="User names by the code of the RACI role; without BO it is who opens.",
    )

    def validate_holders(self, named: dict[str, list[str]]) -> dict[str, list[User]]:
        return {
            role: [person(name, "holders") for name in names] for role, names in named.items()
        }


class NewTierSerializer(serializers.Serializer):
    tier = serializers.ChoiceField(UseCase.Tier.choices)
    reason = Text(help_text="Demanded when the tier is lowered.")


class AdoptionSerializer(serializers.Serializer):
    model = serializers.CharField(
        trim_whitespace=False, help_text="Name of an ungoverned model."
    )


class NewRequirementSerializer(serializers.Serializer):
    title = serializers.CharField()
    owner_team = serializers.CharField()
    state = serializers.ChoiceField(Requirement.State.choices, required=False)


class RequirementStateSerializer(serializers.Serializer):
    state = serializers.ChoiceField(Requirement.State.choices)


def person(name: str, field: str) -> User:
    """The active person of that user name; otherwise says which field is wrong."""
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise Invalid(f"There is no active user {name}.", field=field)
    return found


class UseCaseViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = UseCase
    serializer_class = UseCaseSerializer
    filterset_class = UseCaseFilter
    lookup_field = "slug"
    scope = "govern"

    def visible(self) -> QuerySet[UseCase]:
        named = GovernedModel.objects.filter(model__deleted_at=None).select_related("model")
        return (
            UseCase.objects.visible_to(self.caller)
            .select_related("created_by")
            .prefetch_related("requirements", Prefetch("governed", named, to_attr="named"))
        )

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return UseCaseSerializer if self.action == "list" else CaseSerializer

    @extend_schema(request=NewCaseSerializer, responses={201: CaseSerializer})
    def create(self, request: Request) -> Response:
        """Opens a use case with a RACI matrix made from a template."""
        fields = self.validated(NewCaseSerializer)
        return self.created(services.open_use_case(actor=self.caller, **fields))

    @extend_schema(request=CaseChangesSerializer, responses=CaseSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Changes what is written about the use case."""
        use_case, fields = self.get_object(), self.validated(CaseChangesSerializer)
        return self.shown(services.revise(use_case, actor=self.caller, **fields))

    @extend_schema(request=NewTierSerializer, responses=CaseSerializer)
    def change_tier(self, request: Request, slug: str) -> Response:
        """Raises the tier; lowering it is asked for as an approval of the kind `lower_tier`."""
        use_case, fields = self.get_object(), self.validated(NewTierSerializer)
        return self.shown(services.raise_tier(use_case, actor=self.caller, **fields))


def visible_use_case(view: Resource) -> UseCase:
    """The use case the address names, if the caller may see it."""
    return get_object_or_404(UseCase.objects.visible_to(view.caller), slug=view.kwargs["slug"])


class AdoptionViewSet(Resource):
    model = UseCase
    serializer_class = AdoptionSerializer
    scope = "register"

    @extend_schema(request=AdoptionSerializer, responses={201: AdoptionSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Puts an ungoverned model under the use case; from then on its RACI says who may do what."""
        use_case = visible_use_case(self)
        model = model_named(self.validated(AdoptionSerializer)["model"], user=self.caller)
        services.adopt_model(use_case, model, actor=self.caller)
        return Response({"model": model.name}, status=status.HTTP_201_CREATED)


class RequirementViewSet(Resource):
    model = Requirement
    serializer_class = RequirementSerializer
    scope = "govern"

    def visible(self) -> QuerySet[Requirement]:
        return Requirement.objects.visible_to(self.caller).filter(
            use_case__slug=self.kwargs["slug"]
        )

    @extend_schema(request=NewRequirementSerializer, responses={201: RequirementSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Lists a technical requirement with the team that owns it."""
        use_case = visible_use_case(self)
        fields = self.validated(NewRequirementSerializer)
        return self.created(services.add_requirement(use_case, actor=self.caller, **fields))

    @extend_schema(request=RequirementStateSerializer, responses=RequirementSerializer)
    def partial_update(self, request: Request, slug: str, pk: int) -> Response:
        """Says that a requirement is asked for, granted or missing."""
        requirement, fields = self.get_object(), self.validated(RequirementStateSerializer)
        moved = services.move_requirement(requirement, fields["state"], actor=self.caller)
        return self.shown(moved)
