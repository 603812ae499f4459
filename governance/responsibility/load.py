"""How much each person carries: letters, models they answer for, signatures that wait; reads only."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.responsibility.carried import Carried
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


def loads(carried: Carried, models: Mapping[str, int]) -> list[Load]:
    """Everybody who carries something, the most loaded first; `models` are how many each scope has."""
    letters: dict[int, Counter[str]] = defaultdict(Counter)
    answering: dict[int, set[str]] = defaultdict(set)
    for scope, parts in carried.now.items():
        for part in parts:
            letters[part.user_id][part.letters] += 1
            if part.letters in LETTERS_OF["A"]:
                answering[part.user_id].add(scope)
    waiting = _waiting(carried)
    found = [
        Load(
            person=carried.people[pk],
            accountable=_sum(counted, "A"),
            responsible=_sum(counted, "R"),
            consulted=_sum(counted, "C"),
            models=sum(models.get(scope, 0) for scope in answering[pk]),
            open_items=waiting[pk],
        )
        for pk, counted in letters.items()
    ]
    return sorted(found, key=lambda one: (-one.accountable, -one.responsible, one.person.pk))


def _sum(counted: Counter[str], duty: str) -> int:
    return sum(counted[letters] for letters in LETTERS_OF[duty])


def _waiting(carried: Carried) -> Counter[int]:
    """Open steps that the person's duties reach; separation of duties may still keep them from one."""
    requests = Request.objects.open().filter(scope__in=list(carried.now))
    requests = requests.only("scope", "state", "evidence_digest")
    steps = [
        (one.scope, step)
        for one in requests.prefetch_related("steps__votes")
        for step in one.open_steps
    ]
    reached: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for scope, parts in carried.now.items():
        for part in parts:
            for duty in ("A", "R", "C", "I"):
                if part.letters in LETTERS_OF[duty]:
                    reached[scope, part.activity, duty].add(part.user_id)
    return Counter(
        user for scope, step in steps for user in reached[scope, step.activity, step.duty]
    )
