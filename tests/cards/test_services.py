"""Writing on cards, confirming what was carried over, and who may."""

import pytest
from django.db import DatabaseError, transaction

from governance.audit.models import Entry
from governance.cards import queries, services
from governance.cards.models import CardRevision
from governance.errors import Conflict, Invalid, NotAllowed, NotFound
from registry import services as registry
from tests.cards.factories import TEXTS, next_version, person, story, written
from tests.registry import factories as registered

pytestmark = pytest.mark.django_db


def test_texts_are_written_by_the_one_responsible():
    revision = written(story().version)

    assert (revision.number, revision.author_name, revision.overview) == (
        1,
        "Ada",
        TEXTS["overview"],
    )
    assert Entry.objects.get(event="cards.revised").data["revision"] == 1


def test_texts_not_given_stay():
    version = story().version
    written(version)

    revision = services.revise(version, actor=person("ada"), limitations="None known.")

    assert (revision.number, revision.limitations) == (2, "None known.")
    assert revision.overview == TEXTS["overview"]


def test_one_without_the_duty_may_not_write():
    version = story().version

    with pytest.raises(NotAllowed, match="Responsible or Accountable for the model card"):
        services.revise(version, actor=person("rui"), overview="Mine.")

    assert Entry.objects.get(event="cards.revised").refused
    assert not CardRevision.objects.exists()


def test_owner_writes_on_the_card_of_an_ungoverned_model():
    version = registered.version(owner=person("ada"))

    assert written(version).number == 1
    with pytest.raises(NotAllowed, match="ask its owner"):
        written(version, by=person("cy"))


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"verdict": "Blessed."},
        {"overview": "x" * 201},
        {"limitations": "x" * 5001},
        {"limitations": "a\x00b"},
    ],
)
def test_unusable_texts_are_refused(texts):
    with pytest.raises(Invalid):
        services.revise(story().version, actor=person("ada"), **texts)


def test_deleted_version_takes_no_texts():
    version = registered.version(owner=person("ada"))
    registry.delete_version(version, actor=person("ada"))

    with pytest.raises(NotFound):
        written(version)


def test_next_version_lifts_the_texts():
    first = story().version
    written(first)

    lifted = queries.writing(next_version(first))

    assert lifted.texts == TEXTS
    assert lifted.carried_over == set(TEXTS)
    assert lifted.lifted_from == first


def test_parent_comes_before_the_nearest_version():
    first = story().version
    written(first, overview="From the parent.")
    written(next_version(first), overview="From the nearest.")

    lifted = queries.writing(next_version(first, parent=first))

    assert lifted.texts["overview"] == "From the parent."


def test_writing_one_text_leaves_the_others_to_be_confirmed():
    first = story().version
    written(first)

    revision = services.revise(next_version(first), actor=person("ada"), overview="New.")

    assert revision.carried_over == ["intended_use", "limitations", "out_of_scope"]
    assert revision.lifted_from == first


def test_confirming_makes_the_lifted_texts_its_own():
    first = story().version
    written(first)
    second = next_version(first)

    services.confirm(second, actor=person("ada"), keys=["overview"])
    revision = services.confirm(second, actor=person("ada"))

    assert (revision.number, revision.carried_over) == (2, [])
    assert revision.limitations == TEXTS["limitations"]


def test_nothing_to_confirm_is_a_conflict():
    version = story().version
    written(version)

    with pytest.raises(Conflict):
        services.confirm(version, actor=person("ada"))


@pytest.mark.parametrize("act", ["update", "delete"])
def test_database_keeps_every_revision(act):
    written(story().version)
    rows = CardRevision.objects.all()

    with pytest.raises(DatabaseError, match="keeps history"), transaction.atomic():
        rows.update(overview="Other.") if act == "update" else rows._raw_delete("default")
