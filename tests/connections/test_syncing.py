"""A real MLflow registry taken over: numbers kept, twice is once, the uncleared champion seen and set back."""

import pytest
from django.core.management import call_command

from governance.connections import services, syncing
from governance.connections.models import Divergence, RemoteModel, RemoteVersion
from governance.jobs.models import Job
from registry.gate import Decision
from registry.models import Alias, AliasMove, ModelVersion, RegisteredModel
from tests.connections.factories import administrator, connection, run

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
SOURCE = "s3://bucket/models/1"


class FirstOnly:
    """Lets champion point to version 1 and nothing else; every other pointer is free."""

    def decide(self, change):
        allowed = change.pointer != "champion" or change.version.number == 1
        return Decision(allowed, (f"{change.version} has no clearance for champion.",))


@pytest.fixture
def guarded(there, settings):
    settings.REGISTRY_ALIAS_GATE = "tests.connections.test_syncing.FirstOnly"
    return there


def filled(there, name, versions=3):
    client = there.client
    client.create_registered_model(name, tags={"domain": "credit"}, description="Scores.")
    for number in range(1, versions + 1):
        client.create_model_version(name, source=SOURCE, tags={"try": str(number)})
    return client


def synced(one):
    services.start_sync(one, actor=administrator())
    job = run(services.SYNC)
    assert job.state == Job.State.SUCCEEDED, job.reason
    return job.result


def test_registry_is_taken_over_with_its_numbers_once(guarded):
    client = filled(guarded, "taken")
    client.delete_model_version("taken", "2")
    client.set_registered_model_alias("taken", "candidate", "3")
    client.set_registered_model_alias("taken", "champion", "1")
    client.update_model_version("taken", "3", "The third.")
    one = connection(guarded.url, for_registry=True)
    assert synced(one)["new_versions"] == 2

    model = RegisteredModel.objects.get(name="taken")
    assert model.description == "Scores."
    assert dict(model.tags.values_list("key", "value")) == {"domain": "credit"}
    assert list(model.versions.order_by("number").values_list("number", "source")) == [
        (1, SOURCE),
        (3, SOURCE),
    ]
    third = model.versions.get(number=3)
    assert third.description == "The third."
    assert third.tags.get().value == "3"
    assert third.remote.remote_created_at is not None
    aliases = Alias.objects.filter(model=model).values_list("name", "version__number")
    assert dict(aliases) == {"candidate": 3, "champion": 1}

    before = (RemoteVersion.objects.count(), AliasMove.objects.count())
    assert synced(one)["new_versions"] == 0
    assert (RemoteVersion.objects.count(), AliasMove.objects.count()) == before
    client.delete_registered_model("taken")


def test_version_whose_source_is_refused_here_comes_without_it(guarded, settings):
    settings.REGISTRY_SOURCE_SCHEMES = ["gs"]
    client = filled(guarded, "refused", versions=1)
    one = connection(guarded.url, for_registry=True)
    assert synced(one)["problems"] == 1
    version = ModelVersion.objects.get(model__name="refused")
    assert (version.source, version.remote.source) == ("", SOURCE)
    assert "local paths and other schemes are refused" in RemoteModel.objects.get().problem
    client.delete_registered_model("refused")


def test_champion_without_clearance_is_seen_set_back_and_resolved(guarded):
    client = filled(guarded, "moved")
    client.set_registered_model_alias("moved", "champion", "1")
    one = connection(guarded.url, for_registry=True, move_back=True)
    synced(one)
    client.set_registered_model_alias("moved", "champion", "3")
    assert synced(one)["divergences"] == 1

    divergence = Divergence.objects.get()
    assert divergence.version.number == 3
    assert divergence.reasons == ["moved v3 has no clearance for champion."]
    assert Alias.objects.get(name="champion").version.number == 1
    job = run(services.MOVE_BACK)
    assert job.state == Job.State.SUCCEEDED, job.reason
    assert client.get_model_version_by_alias("moved", "champion").version == "1"

    synced(one)
    divergence.refresh_from_db()
    assert divergence.state == "resolved"
    assert divergence.moved_back_to.number == 1
    client.delete_registered_model("moved")


def test_what_is_gone_there_is_shown_and_kept_here(guarded):
    client = filled(guarded, "dropped", versions=2)
    one = connection(guarded.url, for_registry=True)
    synced(one)
    client.delete_model_version("dropped", "1")
    synced(one)
    gone = Divergence.objects.get()
    assert gone.kind == Divergence.Kind.VERSION_GONE
    assert ModelVersion.objects.live().filter(model__name="dropped").count() == 2
    client.delete_registered_model("dropped")
    synced(one)
    assert Divergence.objects.filter(kind=Divergence.Kind.MODEL_GONE).count() == 1


def test_model_of_the_same_name_here_is_left_alone(guarded):
    from tests.registry import factories

    client = filled(guarded, "shared", versions=1)
    mine = factories.version(factories.model("shared"))
    one = connection(guarded.url, for_registry=True)
    assert synced(one)["problems"] == 1
    assert "another model called shared" in RemoteModel.objects.get().problem
    assert list(mine.model.versions.all()) == [mine]
    client.delete_registered_model("shared")


def test_command_takes_over_and_says_what_it_did(guarded, monkeypatch, capsys):
    client = filled(guarded, "commanded", versions=2)
    administrator()
    monkeypatch.setenv("THEIR_TOKEN", "unused there")
    call_command("import_mlflow", "--from", guarded.url, "--token-env", "THEIR_TOKEN")
    assert (
        "1 models, 2 new versions, 0 divergences, 0 with problems." in capsys.readouterr().out
    )
    call_command("import_mlflow", "--from", guarded.url)
    assert "1 models, 0 new versions" in capsys.readouterr().out
    client.delete_registered_model("commanded")


class Killed(BaseException):
    """Ends the work between two models, as a dying worker does."""


def test_import_that_died_goes_on_where_it_stood(guarded):
    client = guarded.client
    for name in ("first", "second"):
        filled(guarded, name, versions=2)
    one = connection(guarded.url, for_registry=True)

    def die(done, _total, _name):
        if done:
            raise Killed

    with pytest.raises(Killed):
        syncing.take_over(one, actor=administrator(), progress=die)
    assert ModelVersion.objects.count() == 2

    assert synced(one)["new_versions"] == 2
    assert ModelVersion.objects.count() == RemoteVersion.objects.count() == 4
    for name in ("first", "second"):
        client.delete_registered_model(name)
