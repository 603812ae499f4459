"""Whose signatures an exception needs: the seats of its tier, who may take each, who has; changes nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from governance.accounts.models import User
from governance.exceptions import rules
from governance.exceptions.models import RuleException
from governance.exceptions.rules import SEATS, Seat
from governance.separation import rules as separation
from governance.separation.makers import makers_of
from governance.separation.rules import Able, Capacity, Contribution, Parts, People, Standing
from governance.usecases.queries import use_case_of
from raci import queries as raci
from raci.models import Letters

ASKED = "asked for it"


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
    able = _able(exception.scope, free, barred_from(exception), spent_in(exception))
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
            tuple(_named(one) for one in able.get(seat, ())),
            taken.get(seat.activity, ""),
        )
        for seat in seats
    ]


def signers(exception: RuleException) -> list[Able]:
    """Everybody who may still grant or refuse, each once, and in which capacity."""
    found = [one for able in signers_by_seat(exception).values() for one in able]
    return list({one.user.pk: one for one in reversed(found)}.values())[::-1]


def signers_by_seat(exception: RuleException) -> dict[Seat, list[Able]]:
    taken = taken_in(exception)
    free = [seat for seat in SEATS[tier_of(exception)] if seat.activity not in taken]
    return _able(exception.scope, free, barred_from(exception), spent_in(exception))


def planned(
    scope: str, use_case_title: str, tier: int, barred: Parts
) -> list[rules.PlannedSeat]:
    """The signatures a grant would need, as the matrix stands now."""
    seats = SEATS[tier]
    carriers = raci.carriers(scope, {seat.activity for seat in seats})
    words = wanted(scope, use_case_title, seats)
    return [_planned(seat, words[seat], carriers, barred) for seat in seats]


def _planned(
    seat: Seat, words: str, carriers: list[raci.Carrier], barred: Parts
) -> rules.PlannedSeat:
    able, kept_apart = separation.foreseen(_people(carriers, seat), barred)
    return rules.PlannedSeat(words, able, kept_apart)


def barred(asked: Iterable[Contribution], contributions: Iterable[Contribution]) -> Parts:
    """Whom separation of duties keeps from signing, and the parts they had."""
    return separation.parts_of([*asked, *contributions])


def asked_by(user_id: int, name: str, duty: raci.Duty | None) -> list[Contribution]:
    """Who asks, and in whose place; the question of a deputy is one of whom they stand in for."""
    in_place_of = [duty.deputy_of_id] if duty and duty.deputy_of_id else []
    return separation.asked_by(user_id, name, in_place_of, ASKED)


def barred_from(exception: RuleException) -> Parts:
    asked = [Contribution(exception.asked_by_id, ASKED)]
    return barred(asked, contributions_to(exception))


def spent_in(exception: RuleException) -> set[int]:
    """For whom a signature stands: who signed, and in whose place they did."""
    return separation.spent(exception.signatures.all())


def read(
    exceptions: Iterable[RuleException],
    makers: Mapping[int, list[Contribution]] | None = None,
) -> None:
    """Reads for each who made its version, unless that is handed in; one query for any number."""
    unread = [one for one in exceptions if not hasattr(one, "makers_read")]
    found = makers_of(one.version_id for one in unread) if makers is None else makers
    for one in unread:
        one.makers_read = found.get(one.version_id, [])


def contributions_to(exception: RuleException) -> list[Contribution]:
    """Who made the version, as known today, and who gave the evidence, as known at asking."""
    read([exception])
    told = [Contribution(one["user"], one["part"]) for one in exception.contributions]
    return list(dict.fromkeys([*exception.makers_read, *told]))


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


def standing_in(
    exception: RuleException, seat: Seat, duties: Iterable[raci.Duty], user: User
) -> Standing:
    """In which capacity the person may take the seat, and in whose place they may not."""
    capacities = []
    for duty in duties:
        if duty.scope == exception.scope and carries([duty], seat):
            letter = next(one for one in seat.duties if duty.carries(one))
            words = f"{duty.capacity(letter)} in {exception.use_case_title}"
            capacities.append(
                Capacity(words, duty.deputy_of_id, duty.deputy_of, duty.role_title, letter)
            )
    return separation.standing(
        capacities, barred_from(exception), spent_in(exception) - {user.pk}
    )


def _able(
    scope: str, seats: Sequence[Seat], apart: Parts, spent: Collection[int]
) -> dict[Seat, list[Able]]:
    carriers = raci.carriers(scope, {seat.activity for seat in seats})
    return {seat: separation.able(_people(carriers, seat), apart, spent) for seat in seats}


def _named(one: Able) -> str:
    """Says “Cy, as deputy of Rui”."""
    return one.user.display_name + raci.standing_in(one.capacity.stands_for)


def _people(carriers: Iterable[raci.Carrier], seat: Seat) -> People:
    """Each person once who carries a duty of the seat, with the capacities in which they do."""
    return separation.by_person(
        (one.user, _capacity(one, seat)) for one in carriers if carries([one], seat)
    )


def _capacity(carrier: raci.Carrier, seat: Seat) -> Capacity:
    letter = next(duty for duty in seat.duties if carrier.carries(duty))
    words = carrier.capacity(letter)
    return Capacity(words, carrier.deputy_of_id, carrier.deputy_of, carrier.role_title, letter)


def carries(duties: Iterable[raci.Duty | raci.Carrier], seat: Seat) -> bool:
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
