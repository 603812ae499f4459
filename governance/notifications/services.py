"""Tells people: a row each in the caller's transaction, the mail after it is committed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import css_inline
import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from kombu.exceptions import OperationalError

from governance.notifications.models import Notification

if TYPE_CHECKING:
    from governance.accounts.models import User

log = structlog.get_logger(__name__)
inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def tell(
    users: Iterable["User"],
    kind: str,
    *,
    subject: models.Model,
    title: str,
    line: str,
    url: str,
    context: dict | None = None,
) -> list[Notification]:
    """Writes one notification a person; `kind` names the mail templates `mail/<kind>.txt|.html`."""
    rows = Notification.objects.bulk_create(
        [
            Notification(
                user=user,
                kind=kind,
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                title=title[:200],
                line=line,
                url=url,
                context=context or {},
            )
            for user in {user.pk: user for user in users}.values()
        ]
    )
    if rows:
        transaction.on_commit(_nudge)
    return rows


def send_waiting(limit: int = 200) -> int:
    """Mails what waits, each exactly once; a failed one is tried again at the next call."""
    sent = 0
    for pk in (
        Notification.objects.waiting_for_mail()
        .order_by("id")
        .values_list("pk", flat=True)[:limit]
    ):
        with transaction.atomic():
            row = (
                Notification.objects.select_for_update(skip_locked=True, of=["self"])
                .select_related("user")
                .filter(pk=pk, mailed_at=None)
                .first()
            )
            if row:
                sent += _send(row)
    return sent


def _send(row: Notification) -> int:
    try:
        if row.user.email and row.user.is_active:
            _message(row).send()
        row.mailed_at = timezone.now()
    except OSError as error:  # SMTP and file trouble: later
        log.warning("mail not sent", notification=row.pk, error=type(error).__name__)
        row.last_error = f"{type(error).__name__}: {error}"[:300]
    row.attempts += 1
    row.save(update_fields=["mailed_at", "attempts", "last_error"])
    return int(row.mailed_at is not None)


def _message(row: Notification) -> EmailMultiAlternatives:
    context = {
        **row.context,
        "user": row.user,
        "title": row.title,
        "line": row.line,
        "link": settings.PUBLIC_URL + row.url,
    }
    html = inliner.inline(render_to_string(f"mail/{row.kind}.html", context))
    message = EmailMultiAlternatives(
        subject=row.title,
        body=render_to_string(f"mail/{row.kind}.txt", context),
        to=[f"{row.user.display_name} <{row.user.email}>"],
    )
    message.attach_alternative(html, "text/html")
    return message


def _nudge() -> None:
    try:
        current_app.send_task("governance.notifications.tasks.send_waiting", retry=False)
    except OperationalError:
        log.warning("broker away, mail waits for the beat")
