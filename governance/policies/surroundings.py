"""Where a policy would apply: the use cases, what is known of their data, and who is there to sign."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from governance.policies.document import AppliesTo, PolicyDocument
from governance.policies.staffing import MAY_ASK, PlannedStep, Staffing
from governance.usecases.models import UseCase
from raci import queries as raci
from raci.rules import BUILDING
from registry.models import RegisteredModel

# A policy for a whole organisation is looked at where it would apply first.
MOST_USE_CASES = 20


@dataclass(frozen=True)
class KnownData:
    """What is known of the data of a use case, from records and from what was measured.

    `groups` has how many values a field has, where it could be a field of groups; of other fields
    only the names are in `columns`. The most rows and positives are those of one data set.
    """

    use_case: str
    columns: frozenset[str] = frozenset()
    groups: Mapping[str, int] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    most_rows: int = 0
    most_positives: int = 0


@dataclass(frozen=True)
class Surroundings:
    """All of it, for the use cases that a policy would apply to."""

    data: tuple[KnownData, ...] = ()
    staffing: tuple[Staffing, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        return frozenset().union(*(one.columns for one in self.data))


def surroundings_of(document: PolicyDocument) -> Surroundings:
    """Looks at the first use cases to which the policy would apply; changes nothing."""
    known_data = import_string(settings.POLICY_KNOWN_DATA)
    use_cases = list(use_cases_of(document.applies_to)[:MOST_USE_CASES])
    return Surroundings(
        tuple(known_data(use_cases)),
        tuple(_staffing(use_case, document) for use_case in use_cases),
    )


def use_cases_of(applies_to: AppliesTo | None) -> QuerySet[UseCase]:
    """The use cases the criteria fit; with tags, those that govern a model which carries them all."""
    found = UseCase.objects.all()
    if applies_to is None:  # a base is for no models itself
        return found.none()
    if applies_to.tiers:
        found = found.filter(tier__in=applies_to.tiers)
    if applies_to.use_cases:
        found = found.filter(slug__in=applies_to.use_cases)
    if applies_to.tags:
        models = reduce(
            lambda models, tag: models.filter(tags__key=tag[0], tags__value=tag[1]),
            applies_to.tags.items(),
            RegisteredModel.objects.all(),
        )
        found = found.filter(governed__model__in=models.values("pk")).distinct()
    return found


def _staffing(use_case: UseCase, document: PolicyDocument) -> Staffing:
    carriers = raci.carriers(
        use_case.scope, {*(step.activity for step in document.approvals), *BUILDING, *MAY_ASK}
    )

    def people(activities: Iterable[str], *duties: str) -> dict[int, str]:
        return {
            one.user.pk: one.user.display_name
            for one in carriers
            if one.activity_key in activities and any(one.carries(duty) for duty in duties)
        }

    titles = raci.activity_titles(
        use_case.scope, {step.activity for step in document.approvals}
    )
    return Staffing(
        use_case.title,
        [
            PlannedStep(
                name=step.step,
                wanted=raci.wanted(
                    step.duty, titles.get(step.activity, step.activity), use_case.title
                ),
                quorum=step.quorum,
                voters=people([step.activity], step.duty),
            )
            for step in document.approvals
        ],
        builders=people(BUILDING, "R"),
        askers=people(MAY_ASK, "R", "A"),
    )
