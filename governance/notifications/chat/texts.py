"""What a chat is told of a notification: the evidence in a line, what to mind, by when, and a link."""

from django.utils import timezone
from django.utils.formats import date_format

from governance.notifications import links
from governance.notifications.models import Notification

LONGEST_TITLE, LONGEST_PART, MOST_REASONS = 200, 500, 5
# Slack and Teams read <…> as mentions and links; people's words must not call a whole channel.
PLAIN = str.maketrans({"<": "‹", ">": "›"})


def title(row: Notification) -> str:
    return _plain(row.title, LONGEST_TITLE)


def text(row: Notification) -> str:
    """The link is the lasting one: it carries no right and is the same for everybody."""
    reasons = row.context.get("reasons") or []
    parts = [_plain(row.line, LONGEST_PART)]
    if evidence := row.context.get("evidence"):
        parts.append(_plain(evidence, LONGEST_PART))
    if reason := row.context.get("reason"):
        parts.append(_plain(reason, LONGEST_PART))
    parts += [f"• {_plain(one, LONGEST_PART)}" for one in list(reasons)[:MOST_REASONS]]
    if row.due_at:
        parts.append(f"By {_moment(row)}.")
    parts.append(links.lasting_address(row))
    return "\n".join(parts)


def _moment(row: Notification) -> str:
    there = row.due_at.astimezone(row.user.zone)
    return f"{date_format(there, 'j F Y, H:i')} {timezone.localtime(there, row.user.zone):%Z}"


def _plain(words: object, longest: int) -> str:
    told = " ".join(str(words).translate(PLAIN).split())
    return told if len(told) <= longest else f"{told[: longest - 1]}…"
