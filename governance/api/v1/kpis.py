"""KPIs of a use case and what they were, period by period."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, Text
from governance.api.v1.use_cases import visible_use_case
from governance.usecases import services
from governance.usecases.filters import ObservationFilter
from governance.usecases.models import Kpi, KpiObservation


class KpiSerializer(serializers.ModelSerializer):
    class Meta:
        model = Kpi
        fields = [
            "key", "title", "unit", "direction", "target", "baseline", "description", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class KpiChangesSerializer(serializers.Serializer):
    title = serializers.CharField(required=False)
    unit = Text()
    direction = serializers.ChoiceField(Kpi.Direction.choices, required=False)
    target = serializers.FloatField(required=False)
    baseline = serializers.FloatField(required=False, allow_null=True)
    description = Text()


class NewKpiSerializer(KpiChangesSerializer):
    key = serializers.SlugField()
    title = serializers.CharField()
    direction = serializers.ChoiceField(Kpi.Direction.choices)
    target = serializers.FloatField()


class ObservationSerializer(serializers.ModelSerializer):
    recorded_by = serializers.CharField(source="recorded_by_name", read_only=True)

    class Meta:
        model = KpiObservation
        fields = [
            "id", "period_start", "period_end", "value", "rows", "source",
            "recorded_by", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewObservationSerializer(serializers.Serializer):
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    value = serializers.FloatField()
    rows = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**63 - 1
    )
    source = Text()


class KpiViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Kpi
    serializer_class = KpiSerializer
    lookup_field = "key"
    scope = "govern"

    def visible(self) -> QuerySet[Kpi]:
        return visible_use_case(self).kpis.all()

    @extend_schema(request=NewKpiSerializer, responses={201: KpiSerializer})
    def create(self, request: Request, slug: str) -> Response:
        """Adds a KPI with unit, direction and target."""
        use_case, fields = visible_use_case(self), self.validated(NewKpiSerializer)
        return self.created(services.define_kpi(use_case, actor=self.caller, **fields))

    @extend_schema(request=KpiChangesSerializer, responses=KpiSerializer)
    def partial_update(self, request: Request, slug: str, key: str) -> Response:
        """Changes a KPI, such as its target; its observations stay."""
        kpi, fields = self.get_object(), self.validated(KpiChangesSerializer)
        return self.shown(services.revise_kpi(kpi, actor=self.caller, **fields))


class ObservationViewSet(ListModelMixin, Resource):
    """Every value recorded, corrections too: the later row for a period is the valid one."""

    model = KpiObservation
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter
    scope = "evaluate"

    def visible(self) -> QuerySet[KpiObservation]:
        return self._kpi().observations.all()

    @extend_schema(request=NewObservationSerializer, responses={201: ObservationSerializer})
    def create(self, request: Request, slug: str, key: str) -> Response:
        """Adds the value over a past period; a second one for the period corrects the first."""
        kpi, fields = self._kpi(), self.validated(NewObservationSerializer)
        return self.created(services.record_observation(kpi, actor=self.caller, **fields))

    def _kpi(self) -> Kpi:
        kpis = Kpi.objects.filter(use_case=visible_use_case(self)).select_related("use_case")
        return get_object_or_404(kpis, key=self.kwargs["key"])
