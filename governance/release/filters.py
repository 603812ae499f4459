"""How lists of clearances are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.release.models import Clearance


class ClearanceFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    state = filters.MultipleChoiceFilter(
        choices=Clearance.State, label="State, may be repeated"
    )
    pointer = filters.CharFilter(label="Alias or stage")

    class Meta:
        model = Clearance
        fields: list[str] = []
