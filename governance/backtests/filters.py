"""How lists of back-tests and of their lines are narrowed; used by the pages and by the API."""

import django_filters as filters
from django.db.models import QuerySet

from governance.backtests.models import BackTest, BackTestLine, Direction
from governance.jobs.models import Job


class BackTestFilter(filters.FilterSet):
    policy = filters.CharFilter(field_name="policy_name", label="Policy")
    state = filters.ChoiceFilter(
        field_name="job__state", choices=Job.State, label="State", empty_label="Any"
    )
    digest = filters.CharFilter(label="Digest of the text")

    class Meta:
        model = BackTest
        fields: list[str] = []


class BackTestLineFilter(filters.FilterSet):
    show = filters.ChoiceFilter(
        method="shown",
        label="Show",
        empty_label="Everything",
        choices=[
            ("differences", "Only other verdicts"),
            *Direction.choices,
        ],
    )
    model = filters.CharFilter(field_name="version__model__name", label="Model")
    serving = filters.ChoiceFilter(
        method="narrowed",
        label="Serving now",
        empty_label="All",
        choices=[("yes", "Serving now")],
    )
    breached = filters.ChoiceFilter(
        method="narrowed",
        label="Clearance",
        empty_label="All",
        choices=[("yes", "Ended early later")],
    )
    every = filters.ChoiceFilter(
        method="narrowed",
        label="Evaluations",
        empty_label="All",
        choices=[("newest", "The newest of each version")],
    )

    class Meta:
        model = BackTestLine
        fields: list[str] = []

    def shown(
        self, rows: QuerySet[BackTestLine], name: str, value: str
    ) -> QuerySet[BackTestLine]:
        if value == "differences":
            return rows.filter(differs=True)
        return rows.filter(direction=value)

    def narrowed(
        self, rows: QuerySet[BackTestLine], name: str, value: str
    ) -> QuerySet[BackTestLine]:
        field = {"serving": "is_serving", "breached": "later_breached", "every": "decides"}[
            name
        ]
        return rows.filter(**{field: True})
