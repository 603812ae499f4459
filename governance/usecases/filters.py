"""How lists of use cases and KPI observations are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.usecases.models import KpiObservation, UseCase


class UseCaseFilter(filters.FilterSet):
    title = filters.CharFilter(lookup_expr="icontains", label="Part of the title")
    tier = filters.MultipleChoiceFilter(choices=UseCase.Tier, label="Tier, may be repeated")
    model = filters.CharFilter(field_name="governed__model__name", label="Governs this model")

    class Meta:
        model = UseCase
        fields: list[str] = []


class ObservationFilter(filters.FilterSet):
    after = filters.DateFilter(
        field_name="period_end",
        lookup_expr="gte",
        label="Periods that end on this day or later",
    )
    before = filters.DateFilter(
        field_name="period_start", lookup_expr="lte", label="Periods that start by this day"
    )

    class Meta:
        model = KpiObservation
        fields: list[str] = []
