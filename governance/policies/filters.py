"""How lists of policy versions are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.policies.models import PolicyVersion, State


class PolicyVersionFilter(filters.FilterSet):
    policy = filters.CharFilter(field_name="policy__name", label="Name of the policy")
    state = filters.MultipleChoiceFilter(choices=State, label="State, may be repeated")

    class Meta:
        model = PolicyVersion
        fields: list[str] = []
