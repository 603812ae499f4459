"""To whom something is told and by which letter of a matrix, if one brings them; sends nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from raci.queries import Carrier

if TYPE_CHECKING:
    from governance.accounts.models import User


class Addressee(NamedTuple):
    """A person with the letter and the words that stand on the record; without where no duty brings them."""

    user: "User"
    letter: str = ""
    capacity: str = ""


def by_letter(carriers: Iterable[Carrier]) -> list[Addressee]:
    """Says of each carrier “Informed for Approve the release, as deputy of Olu, by the role MLOps”."""
    return [Addressee(one.user, one.letters, one.capacity()) for one in carriers]


def each_once(people: "Iterable[User | Addressee]") -> list[Addressee]:
    """Every person once, in the order given, with the first letter that brings them."""
    found: dict[int, Addressee] = {}
    for one in people:
        told = one if isinstance(one, Addressee) else Addressee(one)
        if not found.get(told.user.pk, Addressee(told.user)).letter:
            found[told.user.pk] = told
    return list(found.values())
