"""How lists of approval requests are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.approvals.models import Request
from governance.approvals.transitions import State


class RequestFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    state = filters.MultipleChoiceFilter(choices=State, label="State, may be repeated")
    pointer = filters.CharFilter(label="Alias or stage")
    requester = filters.CharFilter(field_name="requester__username", label="Who asked")

    class Meta:
        model = Request
        fields: list[str] = []
