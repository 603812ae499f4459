"""How lists of infra checks are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.infra.models import InfraCheck


class InfraCheckFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    state = filters.MultipleChoiceFilter(
        choices=InfraCheck.State, label="State, may be repeated"
    )

    class Meta:
        model = InfraCheck
        fields: list[str] = []
