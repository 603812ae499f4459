"""The mails of the embedded mode, readable in development only; elsewhere the pages are not there."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from csp.constants import NONE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

MOST_MAILS = 200
SEPARATOR = re.compile(rb"^-{79}$", re.MULTILINE)
# What a mail may do in its frame: have its own style, and lead its reader where they click.
# No script, no form, no picture from elsewhere, and none of our cookies or storage.
IN_FRAME = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-top-navigation-by-user-activation"],
    "form-action": [NONE],
    "base-uri": [NONE],
}
SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "In-Reply-To", "List-Unsubscribe")
LINKS = re.compile(r"<a ", re.IGNORECASE)


@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """Lists the newest mails that were written to the outbox folder."""
    _development_only()
    mails = [{"key": key, "message": message} for key, message in _mails()]
    return render(request, "outbox/page.html", {"mails": mails})


@login_required
@csp_update({"frame-src": ["'self'"]})
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """Shows one mail as a mail client would: its headers, its HTML in a frame, its text."""
    message = _found(key)
    context = {
        "key": key,
        "message": message,
        "headers": [(name, message[name]) for name in SHOWN_HEADERS if message[name]],
        "attachments": [
            (part.get_filename() or part.get_content_type(), _text(part))
            for part in message.iter_attachments()
        ],
        "has_html": bool(_body(message, "html")),
        "text": _body(message, "plain"),
    }
    return render(request, "outbox/mail.html", context)


@login_required
@csp(IN_FRAME)
@xframe_options_sameorigin
def letter(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of a mail, untouched but that its links open in the whole window."""
    return HttpResponse(LINKS.sub('<a target="_top" ', _body(_found(key), "html")))


def _found(key: str) -> EmailMessage:
    _development_only()
    message = dict(_mails()).get(key)
    if message is None:
        raise Http404
    return message


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


def _text(part: EmailMessage) -> str:
    content = part.get_content()
    return content if isinstance(content, str) else ""
