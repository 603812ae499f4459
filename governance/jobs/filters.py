"""How lists of jobs are narrowed; used by the pages and by the API."""

import django_filters as filters

from governance.jobs.models import Job


class JobFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=Job.State, label="State, may be repeated")
    kind = filters.CharFilter(label="Kind of work")
    subject_id = filters.CharFilter(label="Id of what the work is about")
    model = filters.CharFilter(field_name="model__name", label="Name of the model")
    created_by = filters.CharFilter(field_name="created_by__username", label="Who asked")

    class Meta:
        model = Job
        fields: list[str] = []
