"""How lists of evaluations are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.evaluation.models import Comparison, Evaluation


class EvaluationFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    state = filters.MultipleChoiceFilter(
        choices=Evaluation.State, label="State, may be repeated"
    )
    dataset = filters.CharFilter(
        field_name="dataset_name", lookup_expr="icontains", label="Part of the data set's name"
    )
    rows_digest = filters.CharFilter(label="Digest of the rows: the same rows have the same")

    class Meta:
        model = Evaluation
        fields: list[str] = []


class ComparisonFilter(filters.FilterSet):
    evaluation = filters.UUIDFilter(label="The first evaluation")
    other = filters.UUIDFilter(label="The second evaluation")

    class Meta:
        model = Comparison
        fields: list[str] = []
