"""Checks matrices by all rules and keeps what was found, whenever it may have changed."""

from collections import Counter
from dataclasses import asdict

from django.db import transaction
from django.db.models import QuerySet

from governance.responsibility.models import MatrixCheck
from raci import queries as raci
from raci import rules
from raci.advice import advise, advise_on_people
from raci.models import Matrix


def check(matrices: QuerySet[Matrix]) -> int:
    """Stores what is found in each matrix now, in the transaction of the change; returns how many.

    The rows are locked one after the other, so that of two changes at once the later result has both.
    """
    with transaction.atomic():
        locked = list(matrices.select_for_update().order_by("pk"))
        for matrix in locked:
            _keep(matrix, _found(matrix))
    return len(locked)


def _found(matrix: Matrix) -> list[rules.Problem]:
    lines = raci.grid(matrix)
    return [*rules.check(lines), *advise(lines), *advise_on_people(lines, raci.held(matrix))]


def _keep(matrix: Matrix, found: list[rules.Problem]) -> None:
    counted = Counter(one.severity for one in found)
    MatrixCheck.objects.update_or_create(
        matrix=matrix,
        defaults={
            "errors": counted["error"],
            "warnings": counted["warning"],
            "notes": counted["note"],
            "found": [asdict(one) for one in found],
        },
    )
