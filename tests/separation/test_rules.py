"""Who is kept from signing: pure rules."""

import pytest

from governance.separation.rules import Capacity, Contribution, kept_from, parts_of, standing

BEA, CY, DEE = 1, 2, 3
OWN = Capacity("Accountable for release")
FOR_BEA = Capacity("Accountable for release, as deputy of Bea", BEA, "Bea")
FOR_DEE = Capacity("Accountable for release, as deputy of Dee", DEE, "Dee")
ASKED = {BEA: ["asked for it"]}


@pytest.mark.parametrize(
    ("capacities", "barred", "spent", "taken"),
    [
        ([OWN], {}, (), OWN),
        ([FOR_BEA], {}, (), FOR_BEA),
        ([FOR_BEA], ASKED, (), None),
        ([OWN, FOR_BEA], ASKED, (), OWN),
        ([FOR_BEA, FOR_DEE], ASKED, (), FOR_DEE),
        ([FOR_BEA], {}, [BEA], None),
        ([FOR_BEA, FOR_DEE], {}, [BEA, DEE], None),
        ([], {}, (), None),
    ],
)
def test_nobody_signs_in_the_place_of_who_is_kept_apart_or_has_signed(
    capacities, barred, spent, taken
):
    assert standing(capacities, barred, spent).capacity == taken


def test_why_somebody_may_not_is_said_after_a_name_and_after_you():
    found = standing([FOR_BEA], ASKED)

    assert kept_from(CY, found, ASKED) == "would sign for Bea, who asked for it"
    assert kept_from(BEA, standing([OWN], ASKED), ASKED) == "asked for it"
    assert kept_from(CY, standing([OWN], ASKED), ASKED) == ""


def test_each_part_of_a_person_is_told_once():
    told = [Contribution(BEA, "a"), Contribution(CY, "b"), Contribution(BEA, "a")]

    assert parts_of(told) == {BEA: ["a"], CY: ["b"]}
