"""Two people at the same moment: real transactions in threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from registry import services
from registry.errors import Conflict, NotAllowed
from registry.models import Alias, AliasMove, RegisteredModel
from tests.registry import factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Runs the acts at the same moment, each on its own connection; returns results or errors."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_versions_registered_at_once_get_different_numbers(ada):
    model = factories.model()

    versions = at_once(*[lambda: services.create_version(model, actor=ada)] * 6)

    assert sorted(version.number for version in versions) == [1, 2, 3, 4, 5, 6]


def test_alias_moved_at_once_has_an_unbroken_history(ada):
    model = factories.model()
    versions = [factories.version(model) for _ in range(4)]

    at_once(
        *[lambda v=v: services.set_alias(model, "champion", v, actor=ada) for v in versions]
    )

    moves = list(AliasMove.objects.order_by("id"))
    assert len(moves) == 4
    assert [m.from_version for m in moves] == [None, *(m.to_version for m in moves[:-1])]
    assert Alias.objects.get().version == moves[-1].to_version


def test_model_registered_at_once_exists_once(ada):
    outcomes = at_once(*[lambda: services.create_model("credit", actor=ada)] * 4)

    assert RegisteredModel.objects.count() == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


def test_version_deleted_while_an_alias_moves_is_never_served(ada):
    version = factories.version()

    at_once(
        lambda: services.delete_version(version, actor=ada),
        lambda: services.set_alias(version.model, "champion", version, actor=ada),
    )

    version.refresh_from_db()
    assert version.is_deleted
    assert not Alias.objects.exists()


def test_two_who_change_the_same_models_in_other_orders_both_succeed(ada):
    models = [factories.model(name) for name in ("alpha", "beta", "gamma")]

    def register(order):
        with services.all_or_nothing(order):
            return [services.create_version(model, actor=ada) for model in order]

    outcomes = at_once(*[lambda o=o: register(o) for o in (models, models[::-1]) * 3])

    assert [type(outcome) for outcome in outcomes] == [list] * 6
    assert sorted(RegisteredModel.objects.values_list("last_number", flat=True)) == [6, 6, 6]


def test_a_refusal_undoes_everything_beside_it(ada, cy):
    model = factories.model()

    with pytest.raises(NotAllowed), services.all_or_nothing([model]):
        services.set_tag(model, "kept", "no", actor=ada)
        services.create_version(model, actor=cy)

    assert not model.tags.exists()
