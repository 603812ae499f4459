"""What pointers held at any moment, compared with a replay by hand of whatever people did."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies

from registry import history, services
from registry.errors import Invalid
from registry.models import ModelVersion, RegisteredModel
from tests.registry import factories
from tests.registry.factories import person

pytestmark = pytest.mark.django_db

ALIASES = strategies.sampled_from(["champion", "candidate"])
NUMBERS = strategies.integers(0, 2)
STAGES = strategies.sampled_from(["None", "Staging", "Production", "Archived"])
ACTS = strategies.one_of(
    strategies.tuples(strategies.just("set"), ALIASES, NUMBERS),
    strategies.tuples(strategies.just("take"), ALIASES),
    strategies.tuples(strategies.just("stage"), STAGES, NUMBERS, strategies.booleans()),
    strategies.tuples(strategies.just("drop"), NUMBERS),
    strategies.tuples(strategies.just("rename")),
)


class Naive:
    """The registry as a child would keep it: one version an alias, one stage a version."""

    def __init__(self, model, versions, ada):
        self.model, self.versions, self.ada = model, versions, ada
        self.aliases, self.stages = {}, {}

    def do(self, kind, *given):
        getattr(self, kind)(*given)
        return {
            *(("alias", name, number) for name, number in self.aliases.items()),
            *(("stage", stage, number) for number, stage in self.stages.items()),
        }

    def set(self, alias, index):
        if version := self.living(index):
            services.set_alias(self.model, alias, version, actor=self.ada)
            self.aliases[alias] = version.number

    def take(self, alias):
        services.delete_alias(self.model, alias, actor=self.ada)
        self.aliases.pop(alias, None)

    def stage(self, stage, index, archive):
        if not (version := self.living(index)):
            return
        archive = archive and stage in ("Staging", "Production")
        services.transition_stage(version, stage, actor=self.ada, archive_existing=archive)
        for number, held in list(self.stages.items()):
            if archive and held == stage and number != version.number:
                self.stages[number] = "Archived"
        self.stages.pop(version.number, None)
        if stage != "None":
            self.stages[version.number] = stage

    def drop(self, index):
        if version := self.living(index):
            services.delete_version(version, actor=self.ada)
            self.aliases = {k: v for k, v in self.aliases.items() if v != version.number}
            self.stages.pop(version.number, None)

    def rename(self):
        services.rename_model(self.model, f"{self.model.name}x", actor=self.ada)
        self.model.refresh_from_db()

    def living(self, index):
        return ModelVersion.objects.live().filter(pk=self.versions[index].pk).first()


def shown(holdings):
    return {(one.pointer_kind, one.pointer, one.version.number) for one in holdings}


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=strategies.lists(ACTS, max_size=12))
def test_any_moment_reads_as_a_replay_of_what_was_done(ada, acts):
    model = factories.model(f"m{RegisteredModel.objects.count()}", owner=ada)
    naive = Naive(model, [factories.version(model) for _ in range(3)], ada)
    moments = [(timezone.now(), set())]

    for act in acts:
        held = naive.do(*act)
        moments.append((timezone.now(), held))
    services.delete_model(model, actor=ada)
    moments.append((timezone.now(), set()))

    model.refresh_from_db()
    lines = history.timeline(model).lines
    for moment, held in moments:
        assert shown(history.as_of(model, moment).holdings) == held
        lasting = [one for line in lines for one in line.holdings if _lasts(one, moment)]
        assert shown(lasting) == held
        assert len(lasting) == len(held)


def _lasts(holding, moment):
    return holding.since <= moment and (holding.until is None or moment < holding.until)


def test_a_holding_tells_who_moved_it_and_why(ada):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)

    [held] = history.as_of(version.model, timezone.now()).holdings

    assert (held.version, held.actor_name, held.until) == (version, str(ada), None)
    assert held.evidence == {"asked": "set_alias"}
    assert held.reasons == ["not protected"]


def test_nothing_was_served_before_the_model_was(ada):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)

    moment = history.as_of(version.model, version.model.created_at - timedelta(seconds=1))

    assert not moment.existed
    assert moment.holdings == ()


def test_the_future_is_not_told(ada):
    with pytest.raises(Invalid) as refusal:
        history.as_of(factories.model(), timezone.now() + timedelta(days=1))

    assert refusal.value.field == "at"


def test_asking_again_for_what_is_so_begins_nothing_new(ada):
    version = factories.version()
    for _ in range(2):
        services.set_alias(version.model, "champion", version, actor=ada)

    [line] = history.timeline(version.model).lines

    assert len(line.holdings) == 1


def test_two_versions_may_be_in_one_stage(ada):
    model = factories.model()
    for _ in range(2):
        services.transition_stage(factories.version(model), "Staging", actor=ada)

    assert shown(history.as_of(model, timezone.now()).holdings) == {
        ("stage", "Staging", 1),
        ("stage", "Staging", 2),
    }


def test_a_long_history_says_that_it_is_cut(ada, monkeypatch):
    monkeypatch.setattr(history, "MOST_MOVES", 3)
    model = factories.model()
    versions = [factories.version(model) for _ in range(2)]
    for turn in range(5):
        services.set_alias(model, "champion", versions[turn % 2], actor=ada)

    found = history.timeline(model)

    assert not found.is_whole
    assert [one.version.number for one in found.lines[0].holdings] == [1, 2, 1]


def test_any_number_of_moves_is_read_in_one_query(django_assert_num_queries):
    olu = person("olu")
    version = factories.version(owner=olu)
    for name in ("champion", "candidate", "canary"):
        services.set_alias(version.model, name, version, actor=olu)

    with django_assert_num_queries(2):
        at = [
            one.version.label for one in history.as_of(version.model, timezone.now()).holdings
        ]
        line = history.timeline(version.model).lines

    assert len(at) == len(line) == 3
