"""Whom a request tells what, and in which words; the sending is done by notifications."""

from collections.abc import Collection, Iterable
from datetime import datetime

from governance.accounts.models import User
from governance.approvals import queries
from governance.approvals.models import (
    Comment,
    Consultation,
    Finding,
    Request,
    Step,
    Vote,
)
from governance.blessing.verdicts import Outcome
from governance.notifications import services as notifications
from governance.notifications.addressing import Addressee, by_letter
from governance.notifications.models import Notification
from governance.separation.rules import Able
from raci import queries as raci

TO_SIGN = "approval_requested"
# So many sentences on rules that did not pass; the review page has them all.
MOST_REASONS = 5


def ask_voters(request: Request, *, but: Collection[int] = ()) -> None:
    """Asks everyone who may sign a step that is open now, `but` the steps asked for before."""
    for step in request.open_steps:
        if step.pk not in but:
            ask(request, step)


def ask(request: Request, step: Step, *, title: str = "") -> list[Notification]:
    """Asks everyone who may sign the step; with a title, once more."""
    return notifications.tell(
        [_addressee(one, step) for one in queries.able(request, step)],
        TO_SIGN,
        subject=request,
        title=title or f"To sign: {request}",
        line=f"{request.requester_name} asks that {request.wish}.",
        url=request.get_absolute_url(),
        context=_facts(
            request,
            step=step.name,
            reasons=_to_mind(request),
        ),
        due=step.due or request.due_at,
    )


def ask_advice(
    request: Request, consultations: Iterable[Consultation], *, title: str = ""
) -> list[Notification]:
    consultations = list(consultations)
    if not consultations:
        return []
    return notifications.tell(
        [
            Addressee(one.user, one.letter, one.duty + raci.by_role(one.role))
            for one in consultations
        ],
        "advice_requested",
        subject=request,
        title=title or f"Your advice: {request}",
        line=(
            f"{request.requester_name} asks that {request.wish}. You may advise those who sign."
        ),
        url=request.get_absolute_url(),
        context=_facts(request, reasons=_to_mind(request)),
        due=consultations[0].due_at,
    )


def note_signature(signature: Vote) -> None:
    """Who has signed a step is asked for it no more, and nobody is once it is complete."""
    step = Step.objects.prefetch_related("votes").get(pk=signature.step_id)
    notifications.settle(
        step.request,
        user=None if step.is_complete else signature.user,
        kinds=[TO_SIGN],
        context={"step": step.name},
    )


def tell_advice(request: Request, consultation: Consultation) -> None:
    """Tells who asked and who may still sign that advice has arrived."""
    notifications.settle(request, user=consultation.user, kinds=["advice_requested"])
    readers = [Addressee(request.requester)]
    for step in request.open_steps:
        readers += [_addressee(one, step) for one in queries.able(request, step)]
    notifications.tell(
        [one for one in readers if one.user.pk != consultation.user_id],
        "advice_given",
        subject=request,
        title=f"Advice on {request}",
        line=f"{consultation.user.display_name} advises: {consultation.advice}",
        url=request.get_absolute_url(),
        context=_facts(request),
    )


def tell_closed(request: Request, *, actor: User | None) -> None:
    """Tells everybody who had a part, and who is Informed of the decision, how it ended."""
    notifications.settle(request)
    state = request.get_state_display().lower()
    by = f" by {actor.display_name}" if actor else ""
    notifications.tell(
        [one for one in _audience(request) if actor is None or one.user.pk != actor.pk],
        "request_closed",
        subject=request,
        title=f"{request.get_state_display()}: {request}",
        line=f"{request.requester_name} asked that {request.wish}. It was {state}{by}.",
        url=request.get_absolute_url(),
        context=_facts(request, reason=request.closing_reason),
    )


def tell_changes_asked(request: Request, *, actor: User | None, reason: str) -> None:
    """Tells who asked what to change, and everybody else with a part that it waits."""
    notifications.settle(request, kinds=[TO_SIGN])
    title = f"Changes asked for: {request}"
    tell_task(
        [request.requester],
        request,
        title=title,
        line=f"{actor.display_name} asks for changes before signing: {reason}"
        if actor
        else reason,
        why="You asked for this approval, and hand it in again when the changes are made.",
    )
    done = {request.requester_id, actor.pk if actor else None}
    whom = f"{actor.display_name} asks {request.requester_name} for changes: " if actor else ""
    _told(
        [one for one in _audience(request) if one.user.pk not in done],
        request,
        title=title,
        line=f"{whom}{reason}",
        why="You had a part in this request, or are Informed of its outcome.",
    )


def tell_if_stuck(request: Request) -> None:
    """Tells who can help when too few people are left for a step that is open."""
    for step in request.open_steps:
        if queries.places(request, step) + len(step.approvals) >= step.quorum:
            continue
        tell_task(
            [
                request.requester,
                *by_letter(raci.carriers(request.scope, [step.activity], ["A"])),
            ],
            request,
            title=f"Nobody left to sign: {request}",
            line=(
                f"The step {step.name} lacks signatures, and too few people may still give them. "
                f"Name somebody in the RACI matrix of {request.use_case_title}."
            ),
            why=f"You asked for this approval, or are Accountable for “{step.activity_title}”.",
        )


def tell_condition(finding: Finding, *, title: str = "") -> list[Notification]:
    """Tells the owner of a condition what to do until when."""
    return tell_task(
        [finding.owner],
        finding.request,
        about=finding,
        title=title or f"To do until {finding.due_on:%d %B %Y}: {finding.request}",
        line=f"{finding.vote.user_name} approves on the condition: {finding.text}",
        why="You see to this condition. Overdue, it ends the clearance.",
        due=finding.ends_at,
    )


def tell_reported(finding: Finding) -> None:
    tell_task(
        [finding.vote.user],
        finding.request,
        title=f"Reported done: {finding.request}",
        line=f"{finding.owner_name} reports “{finding.text}” done: {finding.report}",
        why="You set this condition: close it, or open it again.",
    )


def tell_reopened(finding: Finding, reason: str) -> None:
    tell_task(
        [finding.owner],
        finding.request,
        about=finding,
        due=finding.ends_at,
        title=f"Not done yet: {finding.request}",
        line=f"{finding.vote.user_name} opened “{finding.text}” again: {reason}",
        why="You see to this condition. Overdue, it ends the clearance.",
    )


def tell_condition_closed(finding: Finding) -> None:
    """Tells its owner, whose calendar gives the day free again."""
    notifications.tell(
        [finding.owner],
        "condition_closed",
        subject=finding,
        title=f"Closed: {finding.request}",
        line=f"{finding.vote.user_name} accepts “{finding.text}” as done.",
        url=f"{finding.request.get_absolute_url()}#conditions",
        context=_facts(finding.request, why="You saw to this condition."),
    )


def tell_comment(comment: Comment, mentioned: Iterable[User]) -> None:
    """Tells who asked, who wrote before in the thread, and whom the text mentions."""
    request = comment.request
    thread = [comment.reply_to.author] if comment.reply_to else [request.requester]
    people = {one.pk: one for one in [*thread, *mentioned] if one.pk != comment.author_id}
    _told(
        people.values(),
        request,
        title=f"{comment.author_name} on {request}",
        line=comment.text,
        why="You asked for this approval, wrote in this thread, or are mentioned in it.",
        anchor="#talk",
    )


def tell_task(
    people: Iterable[User | Addressee],
    request: Request,
    *,
    title: str,
    line: str,
    why: str,
    about: Finding | None = None,
    due: datetime | None = None,
) -> list[Notification]:
    """Tells people what they should do for the request, or `about` one of its conditions."""
    return notifications.tell(
        people,
        "request_task",
        subject=about or request,
        title=title,
        line=line,
        url=request.get_absolute_url(),
        context=_facts(request, why=why),
        due=due,
    )


def _told(
    people: Iterable[User | Addressee],
    request: Request,
    *,
    title: str,
    line: str,
    why: str,
    anchor: str = "",
) -> None:
    notifications.tell(
        people,
        "request_told",
        subject=request,
        title=title,
        line=line,
        url=f"{request.get_absolute_url()}{anchor}",
        context=_facts(request, why=why),
    )


def _audience(request: Request) -> list[Addressee]:
    steps = list(request.steps.all())
    consulted = request.consultations.select_related("user")
    answering = raci.carriers(request.scope, [steps[-1].activity], ["A", "I"])
    return [
        *by_letter(answering),
        *(
            Addressee(vote.user, vote.letter, vote.capacity + raci.by_role(vote.role))
            for step in steps
            for vote in step.votes.all()
        ),
        *(
            Addressee(one.user, one.letter, one.duty + raci.by_role(one.role))
            for one in consulted
        ),
        Addressee(request.requester),
    ]


def _addressee(one: Able, step: Step) -> Addressee:
    return Addressee(one.user, step.duty, one.capacity.words + raci.by_role(one.capacity.role))


def _to_mind(request: Request) -> list[str]:
    """What the verdict says of rules that did not pass; it never changes, as the evidence does not."""
    if request.blessing is None:
        return []
    rules = request.blessing.results.exclude(outcome=Outcome.PASS)
    return list(rules.values_list("sentence", flat=True)[:MOST_REASONS])


def _facts(request: Request, **more: object) -> dict[str, object]:
    return {
        "version": request.version.label if request.version else "",
        "use_case": request.use_case_title,
        "evidence": request.evidence_sentence,
        "statement": request.statement,
        # what is told of its conditions stays with it
        "thread": f"{request._meta.label_lower}.{request.pk}",
        **more,
    }
