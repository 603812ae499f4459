"""How much each person carries: letters, models they answer for, signatures that wait; reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.responsibility.addresses import scope_of, slug_of
from governance.responsibility.carried import Carried, carried_in
from governance.usecases.models import GovernedModel, UseCase
from raci.queries import LETTERS_OF


def most_models() -> int:
    """How many models one person may answer for; more is overload."""
    return settings.RESPONSIBILITY_MOST_MODELS


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
        return self.models > most_models()

    @property
    def sentence(self) -> str:
        return (
            f"{self.person} is Accountable in use cases with {self.models} models, more than "
            f"{most_models()}; share them out."
        )


def loads(use_cases: Iterable[UseCase], carried: Carried | None = None) -> list[Load]:
    """Everybody who carries something in these use cases, the most loaded first.

    Three queries, and two more where `carried` has not been read before.
    """
    scopes = [one.scope for one in use_cases]
    carried = carried or carried_in(scopes)
    letters: dict[int, Counter[str]] = defaultdict(Counter)
    answering: dict[int, set[str]] = defaultdict(set)
    for scope, parts in carried.now.items():
        for part in parts:
            letters[part.user_id][part.letters] += 1
            if part.letters in LETTERS_OF["A"]:
                answering[part.user_id].add(scope)
    models = _models(scopes)
    waiting = _waiting(scopes, carried)
    found = [
        Load(
            person=carried.people[pk],
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


def _waiting(scopes: list[str], carried: Carried) -> Counter[int]:
    """Open steps that the person's duties reach; separation of duties may still keep them from one."""
    requests = Request.objects.open().filter(scope__in=scopes).with_steps()
    steps = [(one.scope, step) for one in requests for step in one.open_steps]
    reached: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for scope, parts in carried.now.items():
        for part in parts:
            for duty in ("A", "R", "C", "I"):
                if part.letters in LETTERS_OF[duty]:
                    reached[scope, part.activity, duty].add(part.user_id)
    return Counter(
        user for scope, step in steps for user in reached[scope, step.activity, step.duty]
    )
