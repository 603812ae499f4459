"""Ada owns a model, Cy is a stranger, Vi audits. Imports wait for Django, which starts later."""

import pytest


@pytest.fixture
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"


@pytest.fixture
def guarded(settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.GuardedGate"


@pytest.fixture
def ada(db):
    from tests.accounts.factories import person

    return person("ada")


@pytest.fixture
def api(ada):
    from tests.api.clients import bearing

    return bearing(ada)


@pytest.fixture
def stranger(db):
    from tests.accounts.factories import person
    from tests.api.clients import bearing

    return bearing(person("cy"))


@pytest.fixture
def auditor(db):
    from tests.accounts.factories import person
    from tests.api.clients import bearing

    return bearing(person("vi", "auditor"))
