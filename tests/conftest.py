"""Gives the suite its own home and database before Django reads its settings; no fixtures of apps."""

import copy
import os
from contextlib import ExitStack
from types import SimpleNamespace

import django
import hypothesis
import pytest

from governance.runtime import database

os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("IMPRIMATUR_HOME", str(database.PROJECT / ".imprimatur" / "tests"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

# Now and not in a hook: the conftests of the packages import models. The processes of a
# parallel run inherit DATABASE_URL and so share the first one's server.
resources = ExitStack()
resources.enter_context(database.available(durable=False))
django.setup()


# What is named here together runs in one process, since it shares a server that is slow to start.
SHARE_A_SERVER = {
    "tests/browser/": "the demo",
    "tests/runtime/test_serve.py": "a server",
    "tests/connections/": "mlflow server",
    "tests/mlflow/test_training_script.py": "mlflow server",
    "tests/mlflow/test_webhooks_beside_mlflow.py": "mlflow server",
}


@pytest.fixture(scope="session")
def stock_mlflow(tmp_path_factory):
    """A running `mlflow server`: its address and its folder. Who makes models there removes them."""
    from tests.mlflow.tracking import mlflow_server

    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(folder) as url:
        yield SimpleNamespace(url=url, folder=folder)


@pytest.fixture(scope="module")
def world_of_the_module(django_db_setup, django_db_blocker, tmp_path_factory):
    """The API's small world, built once for all tests of a module that take `made`."""
    from django.test import override_settings

    from tests.api import world
    from tests.api.clients import undone

    folder = tmp_path_factory.mktemp("world")
    roots = {"EVALUATION_ROOTS": [str(folder)], "INFRA_ROOTS": [str(folder)]}
    with django_db_blocker.unblock(), override_settings(**roots), undone():
        yield world.build(folder)


@pytest.fixture
def made(world_of_the_module):
    """What the small world holds; whatever the test adds is undone after it.

    The test needs the mark `django_db` all the same: by it pytest-django knows to make a database.
    """
    from tests.api.clients import undone

    with undone():
        yield copy.deepcopy(world_of_the_module)


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # A slow hash protects people, not tests.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    let_tests_empty_append_only_tables()
    forget_old_messages(settings.BROKER)
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    # How long an example takes says more about the machine than about the code.
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keeps tests that share a running server in one process of a parallel run.

    xdist's own groups (`xdist_group`) have no effect under this pytest: both are newest.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            shared = SHARE_A_SERVER.items()
            return next((name for part, name in shared if nodeid.startswith(part)), nodeid)

    return Together(config, log)


def let_tests_empty_append_only_tables() -> None:
    """Makes the flush after a transactional test pass the triggers that refuse TRUNCATE."""
    from django.db import connection

    flush = connection.ops.__class__.sql_flush

    def without_triggers(*args, **kwargs) -> list[str]:
        return ["SET LOCAL session_replication_role = replica", *flush(*args, **kwargs)]

    connection.ops.__class__.sql_flush = without_triggers


def forget_old_messages(folder) -> None:
    """Removes what earlier runs have sent to workers that never were."""
    for message in folder.glob("*.msg"):
        message.unlink(missing_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    resources.close()
