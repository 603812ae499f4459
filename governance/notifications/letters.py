"""Writes mails: one for each notification, or one digest of many; sending them is in sending.py."""

from collections.abc import Sequence
from email.utils import formataddr
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.notifications import calendar, links
from governance.notifications.kinds import Group
from governance.notifications.models import Notification

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
    thread = _identifier(f"{row.subject_type}.{row.subject_id}")
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
        text = render_to_string(f"{template}.txt", context)
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
    deadlines = [_deadline(row) for row in rows if row.due_at]
    if deadlines:
        written = calendar.calendar(deadlines)
        message.attach("due.ics", written, calendar.MEDIA_TYPE)


def _deadline(row: Notification) -> calendar.Deadline:
    """One entry for a person and a thing: what is told later of it replaces what was told before."""
    of_person = f"{row.subject_type}.{row.subject_id}.{row.user_id}"
    return calendar.Deadline(
        uid=_identifier(of_person).strip("<>"),
        sequence=row.pk,
        due_at=row.due_at,
        written_at=row.created_at,
        title=row.title,
        text=row.line,
        url=links.lasting_address(row),
        is_over=row.kind not in links.ASKING,
    )


def _identifier(local: str) -> str:
    """An identifier that is the same each time the same mail is sent."""
    return f"<{local}@{urlsplit(settings.PUBLIC_URL).hostname}>"
