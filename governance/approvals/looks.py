"""What is new on a request since a reader last looked, in sentences; remembers what each has seen."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals.models import (
    Comment,
    Consultation,
    Finding,
    FormerAccount,
    Look,
    Request,
    Vote,
)

# Looks closer together are one visit: who reloads the page is told the same news again.
VISIT = timedelta(minutes=30)
UPSERT = """
INSERT INTO approvals_look (request_id, reader_id, marks, looked_at, before, before_at)
VALUES (%(request)s, %(reader)s, %(marks)s, %(now)s, %(marks)s, %(now)s)
ON CONFLICT (request_id, reader_id) DO UPDATE SET
    before = CASE WHEN approvals_look.looked_at < %(earlier)s
        THEN approvals_look.marks ELSE approvals_look.before END,
    before_at = CASE WHEN approvals_look.looked_at < %(earlier)s
        THEN approvals_look.looked_at ELSE approvals_look.before_at END,
    marks = excluded.marks, looked_at = excluded.looked_at
RETURNING before, before_at, looked_at
"""


@dataclass(frozen=True)
class News:
    """One thing that is new, the place on the page that shows it, and details in sentences."""

    sentence: str
    anchor: str
    details: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """Everything of a request that a reader sees and that can change."""

    request: Request
    comments: Sequence[Comment] = ()
    consultations: Sequence[Consultation] = ()
    findings: Sequence[Finding] = ()
    rounds: Sequence[FormerAccount] = field(default_factory=list)

    @property
    def votes(self) -> list[Vote]:
        return [vote for step in self.request.steps.all() for vote in step.votes.all()]

    @property
    def marks(self) -> dict:
        """How far it has come. Keys and not moments: what is being written now has a moment already."""
        return {
            "state": self.request.state,
            "round": self.request.round,
            "vote": max((one.pk for one in self.votes), default=0),
            "comment": max((one.pk for one in self.comments), default=0),
            "advice": [one.pk for one in self.consultations if one.answered_at],
            "findings": {str(one.pk): _stage(one) for one in self.findings},
        }


def note(shown: Shown, reader: User) -> Look:
    """Remembers what the reader sees now, in one statement; returns it with what they saw before."""
    now = timezone.now()
    look = Look(request=shown.request, reader=reader, marks=shown.marks)
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            {
                "request": shown.request.pk,
                "reader": reader.pk,
                "marks": json.dumps(shown.marks),
                "now": now,
                "earlier": now - VISIT,
            },
        )
        before, look.before_at, look.looked_at = cursor.fetchone()
    look.before = json.loads(before) if isinstance(before, str) else before
    return look


def remembered(request: Request, reader: User) -> Look | None:
    """What the reader saw before, without noting that they look now."""
    return Look.objects.filter(request=request, reader=reader).first()


def news(look: Look | None, shown: Shown, reader: User) -> list[News]:
    """What others did since, in the order of the page; nothing at the first look."""
    if look is None:
        return []
    before = look.before
    return [
        *_state(before, shown),
        *_rounds(before, shown, reader),
        *_signatures(before, shown, reader),
        *_conditions(before, shown, reader),
        *_advice(before, shown, reader),
        *_talk(before, shown, reader),
    ]


def _state(before: dict, shown: Shown) -> Iterator[News]:
    request = shown.request
    if before["state"] != request.state:
        yield News(f"It is {request.get_state_display().lower()} now.", "top")


def _rounds(before: dict, shown: Shown, reader: User) -> Iterator[News]:
    for one in shown.rounds:
        if one.round < before["round"] or shown.request.requester_id == reader.pk:
            continue
        changed = "evidence changed" if one.changes else "the evidence stayed the same"
        sentence = (
            f"{one.replaced_by_name} handed it in again as round {one.round + 1}, {changed}."
        )
        yield News(sentence, "rounds", one.changes)


def _signatures(before: dict, shown: Shown, reader: User) -> Iterator[News]:
    for vote in shown.votes:
        if vote.pk > before["vote"] and vote.user_id != reader.pk:
            done = "signed" if vote.is_approval else vote.meaning
            yield News(f"{vote.user_name} {done} {vote.step.name}.", "signatures")


def _conditions(before: dict, shown: Shown, reader: User) -> Iterator[News]:
    for one in shown.findings:
        stage, was = _stage(one), before["findings"].get(str(one.pk))
        if stage == was:
            continue
        who, done = {
            "set": (one.vote.user_name, "opened again" if was else "set"),
            "reported": (one.owner_name, "reported done"),
            "closed": (one.vote.user_name, "closed"),
        }[stage]
        mine = one.owner_id if stage == "reported" else one.vote.user_id
        if mine != reader.pk:
            yield News(f"{who} {done} the condition “{one.text}”.", "conditions")


def _advice(before: dict, shown: Shown, reader: User) -> Iterator[News]:
    for one in shown.consultations:
        if one.answered_at and one.pk not in before["advice"] and one.user_id != reader.pk:
            yield News(f"{one.user.display_name} gave advice.", "advice")


def _talk(before: dict, shown: Shown, reader: User) -> Iterator[News]:
    new = [
        one
        for one in shown.comments
        if one.pk > before["comment"] and one.author_id != reader.pk
    ]
    if new:
        names = " and ".join(dict.fromkeys(one.author_name for one in new))
        count = f"{len(new)} new comments" if len(new) > 1 else "1 new comment"
        yield News(f"{count} by {names}.", f"comment-{new[0].pk}")


def _stage(finding: Finding) -> str:
    if finding.closed_at:
        return "closed"
    return "reported" if finding.reported_at else "set"
