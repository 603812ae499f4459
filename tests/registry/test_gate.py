"""The gate is closed unless the settings open it, and the start says so."""

import pytest

from registry import services
from registry.checks import check_gate
from registry.errors import NotAllowed
from registry.gate import ClosedGate, get_gate
from tests.registry import factories


def test_gate_is_closed_when_nothing_is_set(settings):
    del settings.REGISTRY_ALIAS_GATE

    assert isinstance(get_gate(), ClosedGate)


def test_closed_gate_refuses_every_pointer(ada, settings):
    settings.REGISTRY_ALIAS_GATE = "registry.gate.ClosedGate"
    version = factories.version()

    with pytest.raises(NotAllowed, match="No gate is set up"):
        services.set_alias(version.model, "anything", version, actor=ada)


def test_broken_gate_moves_nothing(ada, settings):
    version = factories.version()
    settings.REGISTRY_ALIAS_GATE = "nowhere.Gate"

    with pytest.raises(ImportError):
        services.set_alias(version.model, "anything", version, actor=ada)

    assert not version.aliases.exists()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nowhere.Gate", "registry.E001"),
        ("not a path", "registry.E001"),
        ("registry.gate.Decision", "registry.E001"),
        ("registry.models.Stage", "registry.E001"),
        ("registry.gate.ClosedGate", "registry.E002"),
    ],
)
def test_unusable_gate_stops_the_start(settings, path, code):
    settings.DEBUG = False
    settings.REGISTRY_ALIAS_GATE = path

    assert [problem.id for problem in check_gate()] == [code]


def test_closed_gate_is_fine_in_development(settings):
    settings.DEBUG = True
    settings.REGISTRY_ALIAS_GATE = "registry.gate.ClosedGate"

    assert check_gate() == []


def test_working_gate_passes_the_check():
    assert check_gate() == []
