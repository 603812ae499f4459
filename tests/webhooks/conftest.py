import pytest

from tests.outbound.receivers import receiver


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"


@pytest.fixture
def there(settings):
    """A receiver that this server may call."""
    with receiver() as facts:
        settings.WEBHOOKS_ALLOWED_HOSTS = [facts.authority]
        yield facts
