"""Models and versions for tests. Ada owns, Bo reads, Cy is a stranger; gates that say yes or no."""

from registry import services
from registry.gate import Decision
from tests.accounts.factories import person

OPEN = "tests.registry.factories.OpenGate"
GUARDED = "tests.registry.factories.GuardedGate"
DIGEST = "sha256:" + "a" * 64


class OpenGate:
    """Lets everything pass."""

    def decide(self, change):
        return Decision(True, ("not protected",), {"asked": change.kind})


class GuardedGate:
    """Keeps champion and Production as they are."""

    def decide(self, change):
        if change.pointer in {"champion", "Production"}:
            return Decision(False, ("No valid clearance.",), link="/help/")
        return Decision(True, ("not protected",))


def model(name="credit-scoring", *, owner=None, **fields):
    return services.create_model(name, actor=owner or person("ada"), **fields)


def version(of=None, *, owner=None, **fields):
    of = of or model(owner=owner)
    return services.create_version(of, actor=owner or of.created_by, **fields)
