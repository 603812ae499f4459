"""Whose signatures an exception needs: the seats of its tier, who may take each, who has; changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from governance.accounts.models import User
from governance.exceptions import rules
from governance.exceptions.models import RuleException
from governance.exceptions.rules import SEATS, Seat
from governance.usecases.queries import use_case_of
from raci import queries as raci
from raci.models import Letters
from registry.models import ModelVersion

# Who made what is excepted, or the evidence for it, and the part they had.
Contribution = tuple[int, str]


@dataclass(frozen=True)
class SeatProgress:
    """A signature that the grant needs: whose it may be, or whose it is."""

    wanted: str
    able: tuple[str, ...] = ()
    signed_by: str = ""


def tier_of(exception: RuleException) -> int:
    """The stricter of the tier at asking and today's."""
    use_case = use_case_of(exception.version.model)
    return min(exception.tier, use_case.tier) if use_case else exception.tier


def seat_for(exception: RuleException, user: User, duties: Iterable[raci.Duty]) -> Seat | None:
    """Which signature the person may give by their duties; a taken one only if no other is theirs."""
    duties = [one for one in duties if one.scope == exception.scope]
    carried = [seat for seat in SEATS[tier_of(exception)] if carries(duties, seat)]
    taken = taken_in(exception)
    free = [seat for seat in carried if seat.activity not in taken]
    if len(free) < 2:
        return next(iter(free or carried), None)
    able = _able(exception.scope, free, barred_from(exception))
    return rules.best_seat([(seat, len(able[seat])) for seat in free])


def is_complete(exception: RuleException) -> bool:
    """Whether every signature that the grant needs has been given."""
    taken = taken_in(exception)
    return all(seat.activity in taken for seat in SEATS[tier_of(exception)])


def progress(exception: RuleException) -> list[SeatProgress]:
    """Each signature of the grant: given, or by whom it may be given."""
    seats, taken = SEATS[tier_of(exception)], taken_in(exception)
    able = signers_by_seat(exception) if exception.is_asked else {}
    words = wanted(exception.scope, exception.use_case_title, seats)
    return [
        SeatProgress(
            words[seat],
            tuple(user.display_name for user in able.get(seat, ())),
            taken.get(seat.activity, ""),
        )
        for seat in seats
    ]


def signers(exception: RuleException) -> list[User]:
    """Everybody who may still grant or refuse, each once."""
    found = signers_by_seat(exception).values()
    return list({user.pk: user for users in found for user in users}.values())


def signers_by_seat(exception: RuleException) -> dict[Seat, list[User]]:
    taken = taken_in(exception)
    free = [seat for seat in SEATS[tier_of(exception)] if seat.activity not in taken]
    apart = dict(barred_from(exception))
    apart |= {one.user_id: "has signed" for one in exception.signatures.all()}
    return _able(exception.scope, free, apart)


def planned(
    scope: str, use_case_title: str, tier: int, barred: Mapping[int, str]
) -> list[rules.PlannedSeat]:
    """The signatures a grant would need, as the matrix stands now."""
    seats = SEATS[tier]
    carriers = raci.carriers(scope, {seat.activity for seat in seats})
    words = wanted(scope, use_case_title, seats)
    return [_planned(seat, words[seat], carriers, barred) for seat in seats]


def _planned(
    seat: Seat, words: str, carriers: list[raci.Carrier], barred: Mapping[int, str]
) -> rules.PlannedSeat:
    people = {one.user.pk: one.user for one in carriers if _fits(one, seat)}.values()
    return rules.PlannedSeat(
        words,
        {one.pk: one.display_name for one in people if one.pk not in barred},
        {one.display_name: barred[one.pk] for one in people if one.pk in barred},
    )


def barred(
    version: ModelVersion, asker_id: int, contributions: Sequence[Contribution]
) -> dict[int, str]:
    """Whom separation of duties keeps from signing, and the part they had."""
    parts = {asker_id: "asked for it"}
    for user_id, part in _with_maker(version, contributions):
        parts.setdefault(user_id, part)
    return parts


def barred_from(exception: RuleException) -> dict[int, str]:
    return barred(exception.version, exception.asked_by_id, contributions_to(exception))


def contributions_to(exception: RuleException) -> list[Contribution]:
    told = [(one["user"], one["part"]) for one in exception.contributions]
    return _with_maker(exception.version, told)


def _with_maker(
    version: ModelVersion, contributions: Sequence[Contribution]
) -> list[Contribution]:
    maker = (version.created_by_id, "registered the version")
    return [maker, *(one for one in contributions if one != maker)]


def wanted(scope: str, use_case_title: str, seats: Sequence[Seat]) -> dict[Seat, str]:
    """Says of each “Accountable for “Approve or reject the release” in Credit scoring”."""
    titles = raci.activity_titles(scope, {seat.activity for seat in seats})
    return {
        seat: f"{_letters(seat)} for “{titles.get(seat.activity, seat.activity)}” in {use_case_title}"
        for seat in seats
    }


def wanted_for(exception: RuleException, seats: Sequence[Seat]) -> list[str]:
    return list(wanted(exception.scope, exception.use_case_title, seats).values())


def _letters(seat: Seat) -> str:
    return " or ".join(Letters(duty).label for duty in seat.duties)


def capacity_in(exception: RuleException, seat: Seat, duties: Iterable[raci.Duty]) -> str:
    for duty in duties:
        if duty.scope == exception.scope and carries([duty], seat):
            letter = next(one for one in seat.duties if duty.carries(one))
            return f"{duty.capacity(letter)} in {exception.use_case_title}"
    return ""


def _able(
    scope: str, seats: Sequence[Seat], apart: Mapping[int, str]
) -> dict[Seat, list[User]]:
    carriers = raci.carriers(scope, {seat.activity for seat in seats})
    return {
        seat: list(
            {
                one.user.pk: one.user
                for one in carriers
                if _fits(one, seat) and one.user.pk not in apart
            }.values()
        )
        for seat in seats
    }


def _fits(carrier: raci.Carrier, seat: Seat) -> bool:
    return carrier.activity_key == seat.activity and any(
        carrier.letters in raci.LETTERS_OF[duty] for duty in seat.duties
    )


def carries(duties: Iterable[raci.Duty], seat: Seat) -> bool:
    return any(
        one.activity_key == seat.activity and one.carries(duty)
        for one in duties
        for duty in seat.duties
    )


def is_seat(duty: raci.Duty) -> bool:
    return any(carries([duty], seat) for seats in SEATS.values() for seat in seats)


def taken_in(exception: RuleException) -> dict[str, str]:
    """Who has signed as what."""
    return {one.activity: one.user_name for one in exception.signatures.all() if one.is_grant}
