"""Questions and answers beside a request, or beside one piece of its evidence; they bind nobody."""

import re

from django.db import transaction

from governance.accounts.models import User
from governance.approvals import mails
from governance.approvals.models import Comment, Request
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid

LONGEST, MOST = 5000, 500
MENTION = re.compile(r"(?<![\w@])@([\w.+-]{1,150})")


def comment(
    request: Request,
    *,
    actor: User,
    text: str,
    about: str = "",
    reply_to: Comment | None = None,
) -> Comment:
    """Writes a question, or an answer to one, and mails whom it mentions as @name.

    `about` is a key of the evidence, or empty for the request as a whole; an answer stays with its
    question. Only people who see the request can be mentioned.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Invalid(f"Write 1 to {LONGEST} characters.", field="text")
    if about and about not in request.evidence:
        raise Invalid(f"The evidence has no piece “{about}”.", field="about")
    if reply_to and reply_to.request_id != request.pk:
        raise Invalid("The question is not one of this request.", field="reply_to")
    with transaction.atomic(durable=True):
        Request.objects.select_for_update(of=["self"]).get(pk=request.pk)
        if request.comments.count() >= MOST:
            raise Conflict(f"This request has {MOST} questions and answers; it takes no more.")
        top = (reply_to.reply_to or reply_to) if reply_to else None
        made = Comment.objects.create(
            request=request,
            about=top.about if top else about,
            reply_to=top,
            author=actor,
            author_name=actor.display_name,
            text=text,
        )
        audit.record(Event.COMMENTED, request, actor=actor, text=text, about=made.about)
        mails.tell_comment(made, mentioned(text, request))
    return made


def mentioned(text: str, request: Request) -> list[User]:
    """The people named as @name who may see the request; a full stop may follow a name."""
    names = {name for found in MENTION.findall(text) for name in (found, found.rstrip(".-+"))}
    people = User.objects.filter(username__in=names, is_active=True)
    return [one for one in people if request.is_seen_by(one)]
