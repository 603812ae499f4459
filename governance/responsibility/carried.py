"""Who carries or holds which letters where, read once for a whole report; changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, QuerySet, Value

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
)


@dataclass(frozen=True)
class Carried:
    """By scope: `now` what is carried at this moment, `parts` also what the absent hold."""

    now: dict[str, set[Part]]
    parts: dict[str, set[Part]]
    people: dict[int, User]


def carried_in(scopes: Iterable[str]) -> Carried:
    """Everybody's letters in these matrices; two queries."""
    scopes = list(scopes)
    now: dict[str, set[Part]] = defaultdict(set)
    parts: dict[str, set[Part]] = defaultdict(set)
    carrying = _rows(Carrying.objects.all(), scopes, is_now=True)
    held = _rows(Holder.objects.current(), scopes, is_now=False)
    for scope, *part, is_now in carrying.union(held, all=True):
        parts[scope].add(Part(*part))
        if is_now:
            now[scope].add(Part(*part))
    wanted = {one.user_id for found in parts.values() for one in found}
    return Carried(now, parts, User.objects.in_bulk(list(wanted)))


def _rows(found: QuerySet, scopes: list[str], *, is_now: bool) -> QuerySet:
    lettered = found.filter(role__matrix__scope__in=scopes, role__cells__isnull=False)
    moment = Value(is_now, output_field=BooleanField())
    return lettered.order_by().values_list(*COLUMNS, moment)
