"""Whom separation of duties keeps from signing a request, and in which capacity others may; reads only."""

from collections.abc import Iterable, Mapping, Sequence

from governance.accounts.models import User
from governance.approvals.models import Request, Step, Vote
from governance.blessing.contributors import contributions_by_verdict
from governance.separation import rules
from governance.separation.rules import Able, Capacity, Contribution, Parts, People, Standing
from raci import queries as raci

ASKED = "asked for this approval"


def read(
    requests: Iterable[Request], makers: Mapping[int, list[Contribution]] | None = None
) -> None:
    """Reads for each request who had a part in what is asked; two queries for any number.

    Who knows the makers of the versions already hands them in.
    """
    unread = [one for one in requests if not hasattr(one, "contributions_read")]
    judged = {one.blessing_id: one.version_id for one in unread if one.blessing_id}
    found = contributions_by_verdict(judged, makers) if judged else {}
    for one in unread:
        one.contributions_read = found.get(one.blessing_id, [])


def contributions_to(request: Request) -> Sequence[Contribution]:
    """Who made the version or gave evidence, as read once for this row."""
    read([request])
    return request.contributions_read


def barred(request: Request) -> Parts:
    """Whom the policy of the request keeps from signing, and the parts they had."""
    return barred_by(
        contributions_to(request),
        askers(request),
        requester_may_vote=request.requester_may_vote,
        contributors_may_vote=request.contributors_may_vote,
    )


def barred_by(
    contributions: Iterable[Contribution],
    asked: Iterable[Contribution],
    *,
    requester_may_vote: bool,
    contributors_may_vote: bool,
) -> Parts:
    return rules.parts_of(
        [
            *([] if requester_may_vote else asked),
            *([] if contributors_may_vote else contributions),
        ]
    )


def askers(request: Request) -> list[Contribution]:
    """Who asked, and in whose place; a request of a deputy is one of whom they stood in for."""
    return asked_by(request.requester_id, request.requester_name, request.asked_for)


def asked_by(user_id: int, name: str, asked_for: Sequence[Mapping]) -> list[Contribution]:
    return rules.asked_by(user_id, name, (one["user"] for one in asked_for), ASKED)


def asked_in_place_of(request: Request, user: User) -> str:
    """The name of the deputy who asked in the person's place; nothing where nobody did."""
    in_place_of = {one["user"] for one in request.asked_for}
    return request.requester_name if user.pk in in_place_of else ""


def spent_in(request: Request) -> set[int]:
    """For whom a signature stands: who signed, and in whose place they did."""
    return rules.spent(_standing(request))


def standing_of(
    request: Request, step: Step, duties: Iterable[raci.Duty], user: User
) -> Standing:
    """In which capacity the person may sign the step, and in whose place they may not."""
    fitting = [
        Capacity(
            one.capacity(step.duty), one.deputy_of_id, one.deputy_of, one.role_title, step.duty
        )
        for one in duties
        if one.scope == request.scope
        and one.activity_key == step.activity
        and one.carries(step.duty)
    ]
    return rules.standing(fitting, barred(request), spent_in(request) - {user.pk})


def able(request: Request, step: Step, carriers: Iterable[raci.Carrier]) -> list[Able]:
    """Who carries the step's duty now, is kept apart from nothing, and has not signed."""
    people = by_person(carriers, step.activity, step.duty)
    return rules.able(people, barred(request), spent_in(request))


def by_person(carriers: Iterable[raci.Carrier], activity: str, duty: str) -> People:
    """Each person once with the capacities in which they carry the duty."""
    return rules.by_person(
        (one.user, _capacity(one, duty))
        for one in carriers
        if one.activity_key == activity and one.carries(duty)
    )


def _capacity(carrier: raci.Carrier, duty: str) -> Capacity:
    words = raci.duty_sentence(duty, carrier.activity_title)
    words += raci.standing_in(carrier.deputy_of)
    return Capacity(words, carrier.deputy_of_id, carrier.deputy_of, carrier.role_title, duty)


def signed_for(request: Request, user: User) -> Vote | None:
    """The signature that somebody gave in the person's place."""
    return next((vote for vote in _standing(request) if vote.stands_for_id == user.pk), None)


def _standing(request: Request) -> list[Vote]:
    """The signatures that still stand; those on evidence that has changed do not."""
    votes = [vote for step in request.steps.all() for vote in step.votes.all()]
    return [vote for vote in votes if vote.holds]
