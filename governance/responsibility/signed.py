"""Signatures of a period, with who had a part in what they are about; reads only."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.approvals import apart
from governance.approvals.models import Vote
from governance.exceptions import seats
from governance.exceptions.models import Signature
from governance.separation.makers import makers_of
from governance.separation.rules import Contribution

# Signatures of each kind that are looked at, newest first.
MOST = 2000


@dataclass(frozen=True)
class Signed:
    """One signature on a request or an exception; `person` is the name today, `name` as signed."""

    scope: str
    title: str
    user_id: int
    name: str
    person: str
    stands_for_id: int | None
    stands_for: str
    what: str
    link: str
    at: datetime
    contributions: Sequence[Contribution]


def signed_since(since: datetime, scopes: Collection[str]) -> list[Signed]:
    """What was signed in these scopes; four queries for any number."""
    votes = list(
        Vote.objects.filter(step__request__scope__in=list(scopes), signed_at__gte=since)
        .select_related("user", "stands_for", "step__request__version__model")
        .defer("step__request__evidence")
        .order_by("-pk")[:MOST]
    )
    grants = list(
        Signature.objects.filter(exception__scope__in=list(scopes), signed_at__gte=since)
        .select_related("user", "stands_for", "exception__version__model")
        .order_by("-pk")[:MOST]
    )
    requests = [vote.step.request for vote in votes]
    exceptions = [one.exception for one in grants]
    makers = makers_of(one.version_id for one in [*requests, *exceptions])
    apart.read(requests, makers)
    seats.read(exceptions, makers)
    return [*_on_requests(votes), *_on_exceptions(grants)]


def _on_requests(votes: Sequence[Vote]) -> Iterator[Signed]:
    for vote in votes:
        request = vote.step.request
        yield Signed(
            scope=request.scope,
            title=request.use_case_title,
            what=f"“{vote.step.name}” for {request.version.label if request.version else request}",
            link=request.get_absolute_url(),
            contributions=apart.contributions_to(request),
            **_person(vote),
        )


def _on_exceptions(signatures: Sequence[Signature]) -> Iterator[Signed]:
    for one in signatures:
        exception = one.exception
        yield Signed(
            scope=exception.scope,
            title=exception.use_case_title,
            what=f"the exception to {exception}",
            link=exception.get_absolute_url(),
            contributions=seats.contributions_to(exception),
            **_person(one),
        )


def _person(one: Vote | Signature) -> dict[str, object]:
    return {
        "user_id": one.user_id,
        "name": one.user_name,
        "person": str(one.user),
        "stands_for_id": one.stands_for_id,
        "stands_for": str(one.stands_for or ""),
        "at": one.signed_at,
    }
