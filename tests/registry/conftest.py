import pytest


@pytest.fixture(autouse=True)
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
def cy(db):
    from tests.accounts.factories import person

    return person("cy")
