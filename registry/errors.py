"""What goes wrong in the registry, in sentences fit for the user; knows nothing of HTTP."""

from collections.abc import Sequence


class RegistryError(Exception):
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


class NotFound(RegistryError):
    """It does not exist, or not for this person."""

    default_code = "not_found"


class NotAllowed(RegistryError):
    """The person may not do this now."""

    default_code = "not_allowed"


class Conflict(RegistryError):
    """The object is in a state in which this cannot happen."""

    default_code = "conflict"


class Stale(Conflict):
    """The object has changed since the caller read it; `revision` is what it reads like now."""

    default_code = "changed_meanwhile"

    def __init__(self, sentence: str, *, revision: str, link: str = "") -> None:
        super().__init__(sentence, link=link)
        self.revision = revision


class Invalid(RegistryError):
    """What was given cannot be used; `field` names it."""

    default_code = "invalid"
