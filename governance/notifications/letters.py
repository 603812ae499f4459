"""Writes mails: one for each notification, or one digest of many; sending them is in sending.py."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import formataddr
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.notifications import calendar, links
from governance.notifications.kinds import CLOSING, Group
from governance.notifications.models import MailState, Notification

EMPTY_LINES = re.compile(r"\n{3,}")
inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def letter(row: Notification) -> EmailMultiAlternatives:
    """The mail of one notification, in the thread of what it is about."""
    context = {
        **row.context,
        "line": row.line,
        "link": links.address_in_mail(row),
        "lasting": links.lasting_address(row),
        "due_at": row.due_at,
    }
    about = row.context.get("thread") or f"{row.subject_type}.{row.subject_id}"
    thread = _identifier(about)
    headers = {
        "Message-ID": _identifier(f"notification.{row.pk}"),
        "In-Reply-To": thread,
        "References": thread,
    }
    message = _message(row, row.title, f"mail/{row.kind}", context, headers)
    _attach_deadlines(message, [row])
    return message


def digest(rows: Sequence[Notification]) -> EmailMultiAlternatives:
    """One mail of several notifications of one person, by group, each with its link."""
    groups = [
        (group.label, [_entry(row) for row in rows if row.group == group]) for group in Group
    ]
    context = {
        "groups": [(label, entries) for label, entries in groups if entries],
        "line": _counted(rows),
        "link": settings.PUBLIC_URL + reverse("web:my_work"),
    }
    headers = {"Message-ID": _identifier(f"digest.{min(row.pk for row in rows)}")}
    message = _message(
        rows[0], f"Imprimatur: {_counted(rows)}", "mail/digest", context, headers
    )
    _attach_deadlines(message, rows)
    return message


def _message(
    row: Notification, title: str, template: str, context: dict, headers: dict[str, str]
) -> EmailMultiAlternatives:
    user, preferences = row.user, settings.PUBLIC_URL + reverse("web:me") + "#mail"
    context |= {"user": user, "title": title, "preferences": preferences}
    with timezone.override(user.zone):
        html = inliner.inline(render_to_string(f"{template}.html", context))
        text = EMPTY_LINES.sub("\n\n", render_to_string(f"{template}.txt", context))
    message = EmailMultiAlternatives(
        subject=" ".join(title.split()),
        body=text,
        to=[formataddr((" ".join(user.display_name.split()), user.email))],
        headers={
            **headers,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Unsubscribe": f"<{preferences}>",
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def _entry(row: Notification) -> dict:
    return {
        "title": row.title,
        "line": row.line,
        "evidence": row.context.get("evidence", ""),
        "due_at": row.due_at,
        "why": row.context.get("why", ""),
        "link": links.address_in_mail(row),
    }


def _counted(rows: Sequence[Notification]) -> str:
    """“2 to sign, 1 told how it went on”."""
    counts = [(group, sum(row.group == group for row in rows)) for group in Group]
    return ", ".join(
        f"{count} {group.label[0].lower()}{group.label[1:]}" for group, count in counts if count
    )


def _attach_deadlines(message: EmailMultiAlternatives, rows: Sequence[Notification]) -> None:
    if deadlines := list(_deadlines(rows)):
        written = calendar.calendar(deadlines)
        message.attach("due.ics", written, calendar.MEDIA_TYPE)


def _deadlines(rows: Sequence[Notification]) -> Iterator[calendar.Deadline]:
    """An entry for what is due, and for what is over its end, if its reader got one."""
    for row in rows:
        if row.due_at:
            yield _deadline(row, row.due_at)
        elif row.kind in CLOSING and (asked := _asked_before(row)):
            yield _deadline(row, asked.due_at, is_over=True)


def _asked_before(row: Notification) -> Notification | None:
    """The last mail that brought its reader a deadline of the same thing."""
    return (
        Notification.objects.filter(
            user=row.user,
            subject_type=row.subject_type,
            subject_id=row.subject_id,
            mail_state=MailState.SENT,
            due_at__isnull=False,
        )
        .order_by("-id")
        .first()
    )


def _deadline(
    row: Notification, due_at: datetime, *, is_over: bool = False
) -> calendar.Deadline:
    """One entry for a person and a thing: what is told later of it replaces what was told before."""
    of_person = f"{row.subject_type}.{row.subject_id}.{row.user_id}"
    return calendar.Deadline(
        uid=_identifier(of_person).strip("<>"),
        sequence=row.pk,
        due_at=due_at,
        written_at=row.created_at,
        title=row.title,
        text=row.line,
        url=links.lasting_address(row),
        is_over=is_over,
    )


def _identifier(local: str) -> str:
    """An identifier that is the same each time the same mail is sent."""
    return f"<{local}@{urlsplit(settings.PUBLIC_URL).hostname}>"
