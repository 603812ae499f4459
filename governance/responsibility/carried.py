"""Who carries or holds which letters where, read once for a whole report; changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import CharField, QuerySet, Value

from governance.accounts.models import User
from governance.responsibility.sides import Part
from raci.models import Carrying, Holder

COLUMNS = (
    "role__matrix__scope",
    "user",
    "role__cells__activity__key",
    "role__cells__activity__title",
    "role__cells__activity__segregated",
    "role__cells__letters",
    "role__title",
    "user__username",
    "user__first_name",
    "user__last_name",
)


@dataclass(frozen=True)
class Carried:
    """By scope: `now` what is carried at this moment, `parts` also what the absent hold.

    `left` are scope, role and person where the account is closed; people have only their names.
    """

    now: dict[str, set[Part]]
    parts: dict[str, set[Part]]
    left: list[tuple[str, str, User]]
    people: dict[int, User]


class _Kind(StrEnum):
    NOW = "now"
    HELD = "held"
    LEFT = "left"


def carried_in(scopes: Iterable[str]) -> Carried:
    """Everybody's letters in these matrices; one query."""
    found = Carried(defaultdict(set), defaultdict(set), [], {})
    wanted = list(scopes)
    rows = _rows(Carrying.objects.all(), wanted, _Kind.NOW).union(
        _rows(Holder.objects.current(), wanted, _Kind.HELD),
        _rows(Holder.objects.left_behind(), wanted, _Kind.LEFT),
        all=True,
    )
    left: dict[tuple[str, str, int], None] = {}
    for scope, *part, role_title, username, first, last, kind in rows:
        one = Part(*part)
        found.people[one.user_id] = named(one.user_id, username, first, last)
        if kind == _Kind.LEFT:
            left[scope, role_title, one.user_id] = None
            continue
        found.parts[scope].add(one)
        if kind == _Kind.NOW:
            found.now[scope].add(one)
    found.left.extend((scope, role, found.people[pk]) for scope, role, pk in sorted(left))
    return found


def named(pk: int, username: str, first_name: str, last_name: str) -> User:
    """A person with nothing but their names, to be shown and compared."""
    return User(pk=pk, username=username, first_name=first_name, last_name=last_name)


def _rows(found: QuerySet, scopes: list[str], kind: str) -> QuerySet:
    lettered = found.filter(role__matrix__scope__in=scopes, role__cells__isnull=False)
    return lettered.order_by().values_list(*COLUMNS, Value(kind, output_field=CharField()))
