"""How lists of blessings are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.blessing.models import Blessing
from governance.blessing.verdicts import Verdict


class BlessingFilter(filters.FilterSet):
    model = filters.CharFilter(field_name="version__model__name", label="Name of the model")
    version = filters.NumberFilter(
        field_name="version__number", decimal_places=0, label="Number of the version"
    )
    verdict = filters.MultipleChoiceFilter(choices=Verdict, label="Verdict, may be repeated")
    policy = filters.CharFilter(
        field_name="policy_version__policy__name", label="Name of the policy"
    )
    evaluation = filters.UUIDFilter(label="Id of the evaluation")

    class Meta:
        model = Blessing
        fields: list[str] = []
