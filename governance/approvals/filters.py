"""How lists of approval requests are narrowed; used by the pages and by the API."""

import django_filters as filters
from django.db.models import Exists, OuterRef

from governance.approvals import waits
from governance.approvals.kinds import Kind
from governance.approvals.models import Request, Vote
from governance.approvals.models.requests import RequestQuerySet
from governance.approvals.transitions import State


class RequestFilter(filters.FilterSet):
    kind = filters.MultipleChoiceFilter(
        choices=Kind, label="What is asked for, may be repeated"
    )
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


class RequestListFilter(filters.FilterSet):
    """The same on the page, where people choose and where figures lead to what they count."""

    model = filters.CharFilter(
        field_name="version__model__name", lookup_expr="icontains", label="Model"
    )
    state = filters.ChoiceFilter(choices=State, label="State", empty_label="Any")
    waits_at = filters.CharFilter(method="at_step", label="Waits at the step", max_length=100)
    waits_for = filters.CharFilter(
        method="for_role", label="Waits for the role", max_length=100
    )
    signed_step = filters.CharFilter(
        method="with_step_signed", label="Signed step", max_length=100
    )
    signed_by = filters.CharFilter(method="with_signer", label="Signed by", max_length=150)

    class Meta:
        model = Request
        fields: list[str] = []

    def at_step(self, found: RequestQuerySet, _: str, step: str) -> RequestQuerySet:
        return found.filter(pk__in=waits.at_step(step))

    def for_role(self, found: RequestQuerySet, _: str, role: str) -> RequestQuerySet:
        return found.filter(pk__in=waits.for_role(role))

    def with_step_signed(self, found: RequestQuerySet, _: str, step: str) -> RequestQuerySet:
        return found.filter(_signed(step__name=step))

    def with_signer(self, found: RequestQuerySet, _: str, username: str) -> RequestQuerySet:
        return found.filter(_signed(user__username=username))


def _signed(**criteria: str) -> Exists:
    """With a signature of these, other than an abstention."""
    votes = Vote.objects.filter(step__request=OuterRef("pk"), **criteria)
    return Exists(votes.exclude(decision=Vote.Decision.ABSTAIN))
