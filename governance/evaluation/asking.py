"""What requests for measuring have in common, whatever is measured: who may, and what is plain text."""

from datetime import date
from typing import TYPE_CHECKING

from django.core.files import File

from governance.errors import Conflict, Invalid
from governance.evaluation.rules import ACTIVITY, Asker, why_not_request
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

# The queue of what reads files.
QUEUE = "evaluation"


def why_not(version: ModelVersion, user: "User", verb: str) -> list[str]:
    """Returns why the person may not have the version measured; empty when they may."""
    use_case = use_case_of(version.model)
    return why_not_request(_asker(version, use_case, user), verb)


def _asker(version: ModelVersion, use_case: UseCase | None, user: "User") -> Asker:
    scope = use_case.scope if use_case else ""
    return Asker(
        activity_title=raci.activity_title(scope, ACTIVITY) if scope else "",
        carries_activity=bool(scope)
        and any(raci.duty_of(user, scope, ACTIVITY, duty) for duty in "RA"),
        made_version_or_model=user.pk in {version.created_by_id, version.model.created_by_id},
    )


def refuse_deleted(version: ModelVersion, done: str) -> None:
    """Takes the lock on the version, so that nothing is asked of one that goes at the same moment."""
    live = ModelVersion.objects.select_for_update(of=["self"]).get(pk=version.pk)
    if live.is_deleted or live.model.is_deleted:
        raise Conflict(f"{version.label} was deleted; it can no longer be {done}.")


def plain_text(value: object, field: str, *, longest: int = 200, needed: str = "") -> str:
    """Returns the text without blanks around it; `needed` is what to say where there is none."""
    text = value.strip() if isinstance(value, str) else ""
    if needed and not text:
        raise Invalid(needed, field=field)
    if len(text) > longest:
        raise Invalid(f"At most {longest:,} characters.", field=field)
    if "\0" in text:
        raise Invalid("This text has characters that cannot be kept.", field=field)
    return text


def period(start: date | None, end: date | None) -> dict[str, date | None]:
    """Returns both ends by the names of their fields."""
    if start and end and start > end:
        raise Invalid("The period ends before it starts.", field="period_end")
    return {"period_start": start, "period_end": end}


def file_name(upload: File) -> str:
    """The name an upload came with, without folders."""
    return (upload.name or "upload").replace("\0", "").rsplit("/", 1)[-1][:200]
