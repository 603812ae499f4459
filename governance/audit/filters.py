"""How the trail is searched, in the browser and over REST alike."""

import django_filters
from django.db.models import Q, QuerySet

from governance.audit.events import Event
from governance.audit.models import Entry


class EntryFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="containing", label="Search people and subjects")
    event = django_filters.MultipleChoiceFilter(choices=Event.choices, label="Event")
    refused = django_filters.BooleanFilter(label="Refused")
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label="Since")
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label="Until")

    class Meta:
        model = Entry
        fields = ["search", "event", "refused", "since", "until"]

    def containing(self, entries: QuerySet[Entry], _name: str, words: str) -> QuerySet[Entry]:
        return entries.filter(
            Q(actor_name__icontains=words)
            | Q(subject_label__icontains=words)
            | Q(request_id=words)
        )
