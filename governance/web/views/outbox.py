"""The mails of the embedded mode, readable in development only; elsewhere the page is not there."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import nh3
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

MOST_MAILS = 200
SEPARATOR = re.compile(rb"^-{79}$", re.MULTILINE)


@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """Lists the newest mails that were written to the outbox folder."""
    _development_only()
    mails = [
        {"key": key, "message": message, "text": _body(message, "plain")}
        for key, message in _mails()
    ]
    return render(request, "outbox/page.html", {"mails": mails})


@login_required
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """Shows one mail: its HTML without anything that could act, and its text."""
    _development_only()
    message = dict(_mails()).get(key)
    if message is None:
        raise Http404
    context = {
        "message": message,
        "html": nh3.clean(
            _body(message, "html"), clean_content_tags={"style", "script", "title"}
        ),
        "text": _body(message, "plain"),
    }
    return render(request, "outbox/mail.html", context)


def _development_only() -> None:
    if not (settings.DEBUG and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")):
        raise Http404


def _mails() -> list[tuple[str, EmailMessage]]:
    """Reads the files newest first; one file may hold several mails."""
    found: list[tuple[str, EmailMessage]] = []
    for path in sorted(Path(settings.OUTBOX).glob("*.log"), reverse=True):
        parts = [part for part in SEPARATOR.split(path.read_bytes()) if part.strip()]
        for number, part in enumerate(parts):
            message = message_from_bytes(part.lstrip(), policy=policy.default)
            found.append((f"{path.stem}-{number}", message))
        if len(found) >= MOST_MAILS:
            break
    return found


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part else ""
