"""What goes wrong in governance, in sentences fit for the user; the doors map the four kinds to HTTP."""

from collections.abc import Sequence

from raci import errors as raci
from registry import errors as registry


class GovernanceError(Exception):
    """A refusal: one sentence, a stable code, optional reasons, the field, and a helpful link."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "",
        reasons: Sequence[str] = (),
        field: str = "",
        link: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code
        self.reasons = tuple(reasons)
        self.field = field
        self.link = link

    default_code = "refused"


class NotFound(GovernanceError):
    """It does not exist, or not for this person."""

    default_code = "not_found"


class NotAllowed(GovernanceError):
    """The person may not do this now."""

    default_code = "not_allowed"


class Conflict(GovernanceError):
    """The object is in a state in which this cannot happen."""

    default_code = "conflict"


class Invalid(GovernanceError):
    """What was given cannot be used; `field` names it."""

    default_code = "invalid"


KINDS = ("NotFound", "NotAllowed", "Conflict", "Invalid")
# What the doors and the workers tell people about; registry and raci have kinds of their own.
DOMAIN_ERRORS = (GovernanceError, registry.RegistryError, raci.RaciError)


def kind_of(error: Exception) -> str:
    """Which of the four kinds a domain error is, whichever package it comes from."""
    return next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in KINDS)
