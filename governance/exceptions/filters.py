"""How lists of exceptions are narrowed; used by the pages and by the API."""

import django_filters as filters
from django.utils import timezone

from governance.exceptions.models import RuleException, RuleExceptionQuerySet
from governance.exceptions.queries import ENDING_SOON
from governance.exceptions.transitions import State


class ExceptionFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    state = filters.MultipleChoiceFilter(choices=State, label="State, may be repeated")
    policy = filters.CharFilter(field_name="policy_name", label="Name of the policy")
    asked_by = filters.CharFilter(field_name="asked_by__username", label="Who asked")
    ends_by = filters.DateFilter(
        field_name="until", lookup_expr="lte", label="Last day on or before"
    )

    class Meta:
        model = RuleException
        fields: list[str] = []


class ExceptionListFilter(filters.FilterSet):
    """The same on the page, where people choose instead of typing."""

    model = filters.CharFilter(
        field_name="version__model__name", lookup_expr="icontains", label="Model"
    )
    state = filters.ChoiceFilter(choices=State, label="State", empty_label="Any")
    ending = filters.ChoiceFilter(
        choices=[("soon", f"Within {ENDING_SOON.days} days")],
        method="ending_soon",
        label="Ends",
        empty_label="Any time",
    )

    class Meta:
        model = RuleException
        fields: list[str] = []

    def ending_soon(
        self, found: RuleExceptionQuerySet, name: str, value: str
    ) -> RuleExceptionQuerySet:
        today = timezone.localdate()
        return found.in_force(today).filter(until__lte=today + ENDING_SOON)
