"""RASCI has an S, DACI another word for R; what is routed stays the same."""

import pytest

from raci import queries, services, versions
from raci.advice import advise
from raci.edits import Edit, SetNaming, applied
from raci.errors import Conflict, Invalid
from raci.exchange import pasted, read
from raci.naming import legend, shown, sound, stored, words
from raci.rules import Line, check
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


def test_the_rules_speak_the_words_of_the_naming():
    two = Line("release", "Release", {"BO": "A", "MO": "A", "DS": "D"}, naming="daci")

    assert [one.sentence for one in check([two])] == [
        "2 roles are Approver for “Release” (BO, MO); keep exactly one.",
        "Nobody is Driver for “Release”; name at least one role.",
        "“D” for DS in “Release” is not allowed; use D, A, C, I or A/D.",
    ]
    assert advise([two])[0].sentence == "Nobody is Contributor on or Informed of “Release”."
    supports = Line("release", "Release", {"BO": "A/R", "MO": "S", "DS": "I"})
    assert [one.code for one in check([supports])] == ["R4"]


def test_a_table_in_daci_speaks_its_words_too():
    daci = applied(DEFAULT, [SetNaming("daci")])

    reading = read(pasted("key,BO,OPS\nrelease,A,A/D"), daci)

    assert "BO is Approver for “Release to production” already" in str(reading.mistakes[0])


@pytest.mark.parametrize(
    ("naming", "letters", "sentence"),
    [
        ("raci", "RACI", "one role that answers for it and one at least that does it."),
        ("rasci", "RASCI", "one role that answers for it and one at least that does it."),
        ("daci", "RACI", "one role that approves it and one at least that drives it."),
    ],
)
def test_the_legend_stands_in_the_order_of_the_name(naming, letters, sentence):
    assert "".join(letter for letter, _does in legend(naming)) == letters
    assert sound(naming) == f"Every activity has exactly {sentence}"
    assert words("", naming) == "no part"


def test_letters_have_the_words_of_their_naming():
    assert words("A/R", "raci") == "Accountable and Responsible"
    assert words("A/R", "daci") == "Approver and Driver"


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
