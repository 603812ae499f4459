"""Many changes at once: all or none, one new version, and nobody overwrites anybody."""

from importlib import import_module
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from raci import queries, services, signals, versions
from raci.edits import AddActivity, AddRole, Edit, MoveRole, RemoveActivity, RemoveRole
from raci.errors import Conflict, Invalid, NotAllowed
from raci.models import Cell, Matrix, MatrixVersion
from tests.raci.factories import matrix, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo():
    return person("bo")


@pytest.fixture
def credit(bo):
    return matrix(BO=bo)


def letters(matrix, key, code):
    return queries.snapshot(matrix)["activities"][_place(matrix, key)]["cells"].get(code, "")


def _place(matrix, key):
    return [one["key"] for one in queries.snapshot(matrix)["activities"]].index(key)


def test_a_new_matrix_has_its_first_version(credit):
    [first] = credit.versions.all()

    assert (first.number, first.snapshot) == (1, queries.snapshot(credit))
    assert first.digest == versions.digest(first.snapshot)


def test_many_edits_make_one_version(credit, bo):
    edits = [
        Edit("release", "BO", "C"),
        Edit("release", "SEC", ""),
        Edit("rollback", "MO", "R"),
    ]

    version = services.revise(credit, edits, expected=1, actor=bo, reason="Fewer people")

    assert (version.number, version.reason, version.changed_by_name) == (
        2,
        "Fewer people",
        "Bo",
    )
    assert version.snapshot == queries.snapshot(credit)
    assert versions.changes(credit.versions.get(number=1).snapshot, version.snapshot) == [
        "Release to production: BO I → C",
        "Release to production: SEC C → no part",
        "Roll back: MO C → R",
    ]


def test_the_structure_changes_with_the_letters(credit, bo):
    edits = [
        AddRole("AUD", "Internal audit"),
        MoveRole("AUD", 0),
        AddActivity("explain", "Explain decisions", "documentation", segregated=True),
        Edit("explain", "AUD", "A"),
        Edit("explain", "DS", "R"),
        RemoveRole("SEC"),
        RemoveActivity("rollback"),
    ]

    version = services.revise(credit, edits, expected=1, actor=bo)

    assert version.snapshot == queries.snapshot(credit)
    assert credit.roles.first().code == "AUD"
    assert credit.activities.get(key="explain").segregated
    assert not credit.activities.filter(key="rollback").exists()


def test_one_bad_edit_saves_none(credit, bo):
    with pytest.raises(Invalid) as refused:
        services.revise(
            credit,
            [Edit("release", "BO", "C"), Edit("release", "CEO", "A")],
            expected=1,
            actor=bo,
        )

    assert refused.value.field == "cell:release:CEO"
    assert letters(credit, "release", "BO") == "I"
    assert credit.versions.count() == 1


def test_a_listener_that_refuses_undoes_all(credit, bo):
    def refuse(event, data, **_):
        if "rollback" in data.get("removed_activities", ()):
            raise Conflict("A policy needs it.")

    signals.changed.connect(refuse)
    try:
        with pytest.raises(Conflict, match="A policy needs it"):
            services.revise(credit, [RemoveActivity("rollback")], expected=1, actor=bo)
    finally:
        signals.changed.disconnect(refuse)

    assert credit.activities.filter(key="rollback").exists()
    assert credit.versions.count() == 1


def test_changes_that_change_nothing_make_no_version(credit, bo):
    version = services.revise(credit, [Edit("release", "BO", "I")], expected=1, actor=bo)

    assert version.number == 1


def test_letters_under_construction_may_be_saved_and_are_told(credit, bo):
    version = services.revise(credit, [Edit("release", "OPS", "I")], expected=1, actor=bo)

    assert [one.code for one in queries.brought_in_by(version)] == ["R1"]
    assert queries.problems_in(credit.scope, ["release"])


def test_who_comes_second_is_told_who_when_and_what(credit, bo):
    rui = person("rui", is_superuser=True)
    services.revise(credit, [Edit("release", "BO", "C")], expected=1, actor=rui)

    with pytest.raises(Conflict) as refused:
        services.revise(credit, [Edit("release", "BO", "A")], expected=1, actor=bo)

    assert refused.value.code == "overtaken"
    assert refused.value.sentence.startswith("Rui saved version 2 (")
    assert "nothing was overwritten" in refused.value.sentence
    assert refused.value.reasons == ("Release to production: BO I → C",)
    assert letters(credit, "release", "BO") == "C"


def test_a_version_that_never_was_is_refused(credit, bo):
    with pytest.raises(Conflict, match="has no version 7"):
        services.revise(credit, [Edit("release", "BO", "C")], expected=7, actor=bo)


def test_a_role_that_somebody_holds_stays(credit, bo):
    with pytest.raises(Conflict, match="Bo holds BO"):
        services.revise(credit, [RemoveRole("BO")], expected=1, actor=bo)


def test_a_stranger_revises_nothing(credit):
    with pytest.raises(NotAllowed):
        services.revise(credit, [Edit("release", "BO", "C")], expected=1, actor=person("cy"))

    assert credit.versions.count() == 1


def test_a_reason_is_bounded(credit, bo):
    with pytest.raises(Invalid) as refused:
        services.revise(credit, [], expected=1, actor=bo, reason="x" * 1001)

    assert refused.value.field == "reason"


def test_restoring_brings_an_earlier_version_back_as_a_new_one(credit, bo):
    first = credit.versions.get(number=1)
    edits = [RemoveActivity("rollback"), Edit("release", "BO", "C"), AddRole("X", "Extra")]
    services.revise(credit, edits, expected=1, actor=bo)

    restored = services.restore(first, expected=2, actor=bo)

    assert (restored.number, restored.snapshot) == (3, first.snapshot)
    assert restored.digest == first.digest
    assert queries.snapshot(credit) == first.snapshot
    assert restored.reason == "As it was in version 1"


def test_a_matrix_from_before_versions_gets_its_first():
    old = Matrix.objects.create(scope="use-case:old", title="Old")
    role = old.roles.create(code="BO", title="Business owner", position=0)
    row = old.activities.create(key="train", stage="training", title="Train", position=0)
    row.cells.create(role=role, letters="A/R")

    import_module("raci.migrations.0003_first_versions").keep_first_versions(apps, None)

    [first] = old.versions.all()
    assert first.snapshot == queries.snapshot(old)
    assert (first.number, first.digest) == (1, versions.digest(first.snapshot))


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_keeps_versions_as_they_were(credit, act):
    rows = MatrixVersion.objects.filter(matrix=credit)

    with pytest.raises(DatabaseError, match="keeps history"), transaction.atomic():
        rows.update(reason="x") if act == "update" else rows._raw_delete("default")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_is_told_and_overwrites_nothing():
    people = [person(name, is_superuser=True) for name in ("bo", "rui")]
    credit = matrix()
    start, outcomes = Barrier(2), {}

    def save(user, letter):
        start.wait(10)
        try:
            edit = Edit("release", "BO", letter)
            outcomes[letter] = services.revise(credit, [edit], expected=1, actor=user)
        except Conflict as refusal:
            outcomes[letter] = refusal
        finally:
            connection.close()

    threads = [Thread(target=save, args=pair) for pair in zip(people, ("C", "R"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    [saved] = [letter for letter, one in outcomes.items() if isinstance(one, MatrixVersion)]
    [refusal] = [one for one in outcomes.values() if isinstance(one, Conflict)]
    assert Cell.objects.get(activity__key="release", role__code="BO").letters == saved
    assert refusal.reasons == (f"Release to production: BO I → {saved}",)
    assert credit.versions.count() == 2
