"""Moving aliases and stages, always through the gate."""

import pytest
from django.db import DatabaseError, connection, transaction

from governance.audit.models import Entry
from registry import services
from registry.errors import Invalid, NotAllowed, NotFound
from registry.models import Alias, AliasMove
from tests.registry import factories

pytestmark = pytest.mark.django_db


def test_alias_points_to_the_version(ada):
    version = factories.version()

    alias = services.set_alias(version.model, "champion", version, actor=ada)

    assert alias.version == version
    assert Entry.objects.get(event="registry.alias.set").data["after"] == "credit-scoring v1"


def test_move_keeps_the_decision(ada):
    model = factories.model()
    first, second = factories.version(model), factories.version(model)
    services.set_alias(model, "champion", first, actor=ada)

    services.set_alias(model, "champion", second, actor=ada)

    move = AliasMove.objects.first()
    assert (move.from_version, move.to_version, move.actor_name) == (first, second, "Ada")
    assert move.decision["evidence"] == {"asked": "set_alias"}


def test_setting_what_is_so_already_writes_no_move(ada):
    version = factories.version()

    for _ in range(2):
        services.set_alias(version.model, "champion", version, actor=ada)

    assert AliasMove.objects.count() == 1


def test_setting_what_is_so_already_asks_the_gate_again(ada, settings):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed):
        services.set_alias(version.model, "champion", version, actor=ada)


def test_refusal_changes_nothing_and_is_written_down(ada, guarded):
    version = factories.version()

    with pytest.raises(NotAllowed) as refusal:
        services.set_alias(version.model, "champion", version, actor=ada)

    assert refusal.value.reasons == ("No valid clearance.",)
    assert refusal.value.sentence.startswith("Moving alias champion to credit-scoring v1")
    assert not Alias.objects.exists()
    entry = Entry.objects.get(event="registry.alias.set")
    assert entry.refused and entry.data["version"] == "credit-scoring v1"


def test_stranger_may_not_move_an_alias(cy):
    version = factories.version()

    with pytest.raises(NotAllowed, match="move aliases or stages"):
        services.set_alias(version.model, "challenger", version, actor=cy)


def test_alias_takes_only_versions_of_its_model(ada):
    other = factories.version(factories.model("other"))

    with pytest.raises(NotFound):
        services.set_alias(factories.model(), "champion", other, actor=ada)


def test_alias_takes_no_deleted_version(ada):
    version = factories.version()
    services.delete_version(version, actor=ada)

    with pytest.raises(NotFound):
        services.set_alias(version.model, "champion", version, actor=ada)


def test_alias_is_taken_away(ada):
    version = factories.version()
    services.set_alias(version.model, "challenger", version, actor=ada)

    services.delete_alias(version.model, "challenger", actor=ada)

    assert not Alias.objects.exists()
    assert AliasMove.objects.first().to_version is None


def test_taking_away_what_is_not_there_is_quiet(ada):
    services.delete_alias(factories.model(), "challenger", actor=ada)

    assert not AliasMove.objects.exists()


def test_gate_may_keep_an_alias(ada, settings):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed, match="Taking alias champion away"):
        services.delete_alias(version.model, "champion", actor=ada)


def test_stage_is_read_in_any_case(ada):
    version = services.transition_stage(factories.version(), "staging", actor=ada)

    assert version.stage == "Staging"


def test_unknown_stage_is_refused(ada):
    with pytest.raises(Invalid, match="Production"):
        services.transition_stage(factories.version(), "Live", actor=ada)


def test_archive_existing_demotes_the_others(ada):
    model = factories.model()
    first, second = factories.version(model), factories.version(model)
    services.transition_stage(first, "Production", actor=ada)

    services.transition_stage(second, "Production", actor=ada, archive_existing=True)

    first.refresh_from_db()
    assert first.stage == "Archived"
    pointers = [(m.pointer, m.from_version, m.to_version) for m in AliasMove.objects.all()[:3]]
    assert pointers == [
        ("Production", None, second),
        ("Archived", None, first),
        ("Production", first, None),
    ]


def test_archive_existing_makes_sense_only_when_serving(ada):
    with pytest.raises(Invalid):
        services.transition_stage(
            factories.version(), "Archived", actor=ada, archive_existing=True
        )


def test_refused_stage_leaves_the_others_where_they_are(ada, settings):
    model = factories.model()
    first, second = factories.version(model), factories.version(model)
    services.transition_stage(first, "Staging", actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed):
        services.transition_stage(second, "Production", actor=ada)

    second.refresh_from_db()
    assert second.stage == "None"
    assert Entry.objects.filter(event="registry.stage.changed", refused=True).count() == 1


def test_leaving_a_stage_asks_the_gate(ada, settings):
    version = services.transition_stage(factories.version(), "Production", actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed, match="Taking stage Production away"):
        services.transition_stage(version, "None", actor=ada)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_aliasmove SET pointer = 'x'",
        "DELETE FROM registry_aliasmove",
        "TRUNCATE registry_aliasmove",
    ],
)
def test_database_keeps_every_move(ada, statement):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)

    with (
        pytest.raises(DatabaseError, match="keeps history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
