"""What time makes a request tell people: that something is due, overdue, or went on to them."""

from datetime import datetime

from governance.approvals import mails, queries, times
from governance.approvals.models import Consultation, Escalation, Finding, Request, Step
from governance.notifications.addressing import Addressee
from governance.notifications.models import Notification


def remind_voters(request: Request, step: Step, mark: times.Mark) -> list[Notification]:
    """Reminds everybody who may still sign the step, with the deputies of those who are away."""
    return mails.ask(request, step, title=f"{_word(mark)} to sign: {request}")


def remind_adviser(consultation: Consultation, mark: times.Mark) -> list[Notification]:
    request = consultation.request
    return mails.ask_advice(
        request, [consultation], title=f"{_word(mark)} your advice: {request}"
    )


def remind_owner(finding: Finding, mark: times.Mark) -> list[Notification]:
    return mails.tell_condition(finding, title=f"{_word(mark)} to do: {finding.request}")


def remind_requester(request: Request, until: datetime) -> list[Notification]:
    """Tells who asked by when the changes have to be handed in."""
    return mails.tell_task(
        [request.requester],
        request,
        title=f"Reminder: changes asked for: {request}",
        line=f"Hand the request in again by {times.day(until)}; otherwise it ends then.",
        why="You asked for this approval, and changes to it were asked of you.",
        due=until,
    )


def tell_escalated(request: Request, step: Step, gone: list[Escalation]) -> None:
    """Tells each to whom an overdue step went on why them, and what they can do about it."""
    late = " and ".join(one.display_name for one in queries.voters(request, step))
    due_at = times.due_of(request, step)
    for one in gone:
        mails.tell_task(
            [Addressee(one.user, one.letter, one.capacity)],
            request,
            title=f"Overdue: {request}",
            line=(
                f"The step {step.name} was due on {times.day(due_at)} and is not signed. "
                f"{f'It waits for {late}. ' if late else 'Nobody may sign it now. '}{_can_do(one)}"
            ),
            why=f"You are {one.capacity}.",
        )


def _can_do(one: Escalation) -> str:
    if one.kept_apart:
        return f"You are told and not asked, because you {one.kept_apart}."
    return (
        "See to it that it is signed: talk to them, name a deputy, or put somebody else into the "
        "role."
    )


def _word(mark: times.Mark) -> str:
    return "Overdue," if mark.name == times.OVERDUE else "Reminder,"
