"""What each person holds, letter by letter, and whether they have accepted exactly that; reads only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F, OuterRef, Subquery

from raci.models import Acknowledgement, Holder, Matrix
from raci.naming import words


@dataclass(frozen=True)
class Acceptance:
    """What one person holds in one matrix; `accepted_at` of exactly that, `before` of something else."""

    user: AbstractBaseUser
    matrix: Matrix
    letters: list[dict[str, str]]
    accepted_at: datetime | None = None
    before: datetime | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.letters)

    @property
    def is_accepted(self) -> bool:
        return self.accepted_at is not None

    @property
    def is_outdated(self) -> bool:
        """Accepted once, and changed since (R13)."""
        return self.accepted_at is None and self.before is not None


def digest_of(letters: Iterable[dict[str, str]]) -> str:
    """The same for the same letters in the same roles, in whatever order and words."""
    facts = sorted([one["activity"], one["role"], one["letters"]] for one in letters)
    return sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def acceptances(
    *, user: AbstractBaseUser | None = None, matrix: Matrix | None = None
) -> list[Acceptance]:
    """Of one person, in one matrix, or of everybody: by matrix and person, with one query.

    Only what people hold themselves; who stands in for somebody accepts nothing.
    """
    held = Holder.objects.current().filter(role__cells__isnull=False)
    given = Acknowledgement.objects.filter(
        user=OuterRef("user"), matrix=OuterRef("role__matrix")
    ).order_by("-id")
    if user is not None:
        held = held.filter(user=user)
    if matrix is not None:
        held = held.filter(role__matrix=matrix)
    rows = (
        held.select_related("user", "role__matrix")
        .annotate(
            activity=F("role__cells__activity__key"),
            title=F("role__cells__activity__title"),
            letters=F("role__cells__letters"),
            accepted_digest=Subquery(given.values("digest")[:1]),
            accepted_at=Subquery(given.values("accepted_at")[:1]),
        )
        .order_by("role__matrix__title", "user_id", "role__cells__activity__position")
    )
    carried: dict[tuple[int, int], tuple[Holder, list[dict[str, str]]]] = {}
    for row in rows:
        _first, letters = carried.setdefault((row.user_id, row.role.matrix_id), (row, []))
        letters.append(
            {
                "activity": row.activity,
                "role": row.role.code,
                "letters": row.letters,
                "title": row.title,
                "words": words(row.letters, row.role.matrix.naming),
            }
        )
    return [_standing(row, letters) for row, letters in carried.values()]


def of_person(user: AbstractBaseUser, matrix: Matrix) -> Acceptance | None:
    """What the person holds in the matrix; None without a role."""
    return next(iter(acceptances(user=user, matrix=matrix)), None)


def to_accept(user: AbstractBaseUser) -> list[Acceptance]:
    """What waits for the person's acceptance."""
    return [one for one in acceptances(user=user) if not one.is_accepted]


def _standing(row: Holder, letters: list[dict[str, str]]) -> Acceptance:
    same = row.accepted_digest == digest_of(letters)
    return Acceptance(
        user=row.user,
        matrix=row.role.matrix,
        letters=letters,
        accepted_at=row.accepted_at if same else None,
        before=None if same else row.accepted_at,
    )
