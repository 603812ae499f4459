"""Since when and until when: of a role, of a deputy, of an absence."""

from datetime import datetime

from django.utils import timezone

from raci.errors import Invalid


def check_period(
    since: datetime | None,
    until: datetime | None,
    *,
    over: str = "The end lies in the future.",
    backwards: str = "The end lies after the beginning.",
) -> None:
    """Invalid, in these words, for a time that is over already or ends before it begins."""
    if until is not None and until <= timezone.now():
        raise Invalid(over, field="until")
    if since is not None and until is not None and until <= since:
        raise Invalid(backwards, field="until")
