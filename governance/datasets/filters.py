"""How lists of data sets are narrowed; used by the pages and by the API."""

import django_filters as filters
from django.db.models import Q, QuerySet

from governance.datasets.models import DataSet


class DataSetFilter(filters.FilterSet):
    search = filters.CharFilter(method="found", label="Name, version or licence")
    state = filters.ChoiceFilter(choices=DataSet.State, label="State", empty_label="Any")
    use_case = filters.CharFilter(field_name="use_case__slug", label="Use case (its slug)")
    digest = filters.CharFilter(label="Digest of the file")

    class Meta:
        model = DataSet
        fields: list[str] = []

    def found(self, rows: QuerySet[DataSet], name: str, value: str) -> QuerySet[DataSet]:
        words = Q(name__icontains=value) | Q(version__icontains=value)
        return rows.filter(words | Q(licence__icontains=value))
