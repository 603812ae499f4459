"""RASCI has an S, DACI another word for R; what is routed stays the same."""

import pytest

from raci import queries, services, versions
from raci.edits import Edit, SetNaming, applied
from raci.errors import Conflict, Invalid
from raci.naming import shown, stored
from raci.templates import template
from tests.raci.factories import matrix, person

DEFAULT = template("default").snapshot


@pytest.mark.parametrize(
    ("written", "naming", "kept", "read"),
    [
        ("r/a", "raci", "A/R", "A/R"),
        ("d", "daci", "R", "D"),
        ("D/A", "daci", "A/R", "A/D"),
        ("s", "rasci", "S", "S"),
        ("d", "raci", "D", "D"),
    ],
)
def test_letters_are_kept_alike_and_shown_as_named(written, naming, kept, read):
    assert stored(written, naming) == kept
    assert shown(kept, naming) == read


def test_an_s_takes_a_rasci_matrix():
    support = Edit("release", "SEC", "S")

    with pytest.raises(Invalid, match="use R, A, C, I or A/R"):
        applied(DEFAULT, [support])
    rasci = applied(DEFAULT, [SetNaming("rasci"), support])

    assert versions.cells(rasci)["release", "SEC"] == "S"
    with pytest.raises(Conflict, match="Somebody Supports “Release to production”"):
        applied(rasci, [SetNaming("daci")])
    with pytest.raises(Invalid, match="no naming"):
        applied(DEFAULT, [SetNaming("xyz")])


@pytest.mark.parametrize("before", ["raci", "rasci", "daci"])
@pytest.mark.parametrize("after", ["raci", "rasci", "daci"])
def test_what_lies_between_two_namings_leads_from_one_to_the_other(before, after):
    old, new = (
        applied(
            DEFAULT,
            [SetNaming(name), *([Edit("release", "SEC", "S")] if name == "rasci" else [])],
        )
        for name in (before, after)
    )

    assert applied(old, versions.difference(old, new)) == new


@pytest.mark.django_db
def test_the_naming_is_part_of_the_version():
    bo = person("bo")
    credit = matrix(BO=bo)

    version = services.revise(
        credit, [SetNaming("daci"), Edit("release", "BO", "D")], expected=1, actor=bo
    )

    credit.refresh_from_db()
    assert version.snapshot["naming"] == "daci"
    assert queries.snapshot(credit) == version.snapshot
    assert versions.changes(credit.versions.get(number=1).snapshot, version.snapshot) == [
        "The matrix is written as DACI",
        "Release to production: BO I → D",
    ]
    restored = services.restore(credit.versions.get(number=1), expected=2, actor=bo)
    assert restored.snapshot == template("default").snapshot
