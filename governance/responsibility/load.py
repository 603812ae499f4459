"""How much each person carries: letters, models they answer for, signatures that wait; reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.responsibility.addresses import scope_of, slug_of
from governance.usecases.models import GovernedModel, UseCase
from raci.models import Carrying
from raci.queries import LETTERS_OF


@dataclass(frozen=True)
class Load:
    """One person's share; `models` are those of the use cases in which they are Accountable."""

    person: User
    accountable: int
    responsible: int
    consulted: int
    models: int
    open_items: int

    @property
    def is_overload(self) -> bool:
        return self.models > settings.RESPONSIBILITY_MOST_MODELS

    @property
    def sentence(self) -> str:
        return (
            f"{self.person} is Accountable in use cases with {self.models} models, more than "
            f"{settings.RESPONSIBILITY_MOST_MODELS}; share them out."
        )


def loads(use_cases: Iterable[UseCase]) -> list[Load]:
    """Everybody who carries something in these use cases, the most loaded first; five queries."""
    scopes = [one.scope for one in use_cases]
    rows = list(
        Carrying.objects.filter(role__matrix__scope__in=scopes, role__cells__isnull=False)
        .values("user", scope=F("role__matrix__scope"), letters=F("role__cells__letters"))
        .annotate(number=Count("role__cells__activity", distinct=True))
    )
    letters: dict[int, Counter[str]] = defaultdict(Counter)
    answering: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        letters[row["user"]][row["letters"]] += row["number"]
        if row["letters"] in LETTERS_OF["A"]:
            answering[row["user"]].add(row["scope"])
    models = _models(scopes)
    waiting = _waiting(scopes)
    people = User.objects.in_bulk(list(letters))
    found = [
        Load(
            person=people[pk],
            accountable=_sum(counted, "A"),
            responsible=_sum(counted, "R"),
            consulted=_sum(counted, "C"),
            models=sum(models[scope] for scope in answering[pk]),
            open_items=waiting[pk],
        )
        for pk, counted in letters.items()
    ]
    return sorted(found, key=lambda one: (-one.accountable, -one.responsible, one.person.pk))


def _sum(counted: Counter[str], duty: str) -> int:
    return sum(counted[letters] for letters in LETTERS_OF[duty])


def _models(scopes: list[str]) -> Counter[str]:
    slugs = [slug_of(scope) for scope in scopes]
    rows = (
        GovernedModel.objects.filter(use_case__slug__in=slugs, model__deleted_at=None)
        .order_by()
        .values_list("use_case__slug")
        .annotate(Count("pk"))
    )
    return Counter({scope_of(slug): number for slug, number in rows})


def _waiting(scopes: list[str]) -> Counter[int]:
    """Open steps that the person's duties reach; separation of duties may still keep them from one."""
    requests = Request.objects.open().filter(scope__in=scopes).with_steps()
    steps = [(one.scope, step) for one in requests for step in one.open_steps]
    if not steps:
        return Counter()
    carried = Carrying.objects.filter(
        role__matrix__scope__in={scope for scope, _step in steps},
        role__cells__activity__key__in={step.activity for _scope, step in steps},
    ).values_list(
        "user", "role__matrix__scope", "role__cells__activity__key", "role__cells__letters"
    )
    reached: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for user, scope, activity, letters in carried:
        for duty in ("A", "R", "C", "I"):
            if letters in LETTERS_OF[duty]:
                reached[scope, activity, duty].add(user)
    return Counter(
        user for scope, step in steps for user in reached[scope, step.activity, step.duty]
    )
