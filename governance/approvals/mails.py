"""Whom a request tells what, and in which words; the sending is done by notifications."""

from collections.abc import Iterable

from governance.accounts.models import User
from governance.approvals import queries
from governance.approvals.models import Consultation, Request, Step, Vote
from governance.notifications import services as notifications
from governance.notifications.addressing import Addressee, by_letter
from governance.separation.rules import Able
from raci import queries as raci

TO_SIGN = "approval_requested"
# So many sentences on rules that did not pass; the review page has them all.
MOST_REASONS = 5


def ask_voters(request: Request, step: Step) -> None:
    """Asks everyone who may sign the step that is open now."""
    notifications.tell(
        [_addressee(one, step) for one in queries.able(request, step)],
        TO_SIGN,
        subject=request,
        title=f"To sign: {request}",
        line=(
            f"{request.requester_name} asks that {request.version.label} may serve as "
            f"{request.pointer} in {request.use_case_title}."
        ),
        url=request.get_absolute_url(),
        context=_facts(
            request,
            step=step.name,
            reasons=_to_mind(request),
        ),
        due=step.due_at or request.due_at,
    )


def ask_advice(request: Request, consultations: Iterable[Consultation]) -> None:
    consultations = list(consultations)
    if not consultations:
        return
    notifications.tell(
        [
            Addressee(one.user, one.letter, one.duty + raci.by_role(one.role))
            for one in consultations
        ],
        "advice_requested",
        subject=request,
        title=f"Your advice: {request}",
        line=(
            f"{request.requester_name} asks that {request.version.label} may serve as "
            f"{request.pointer} in {request.use_case_title}. You may advise those who sign."
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
        line=f"The request for {request} in {request.use_case_title} was {state}{by}.",
        url=request.get_absolute_url(),
        context=_facts(request, reason=request.closing_reason),
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
    """What the frozen evidence says of rules that did not pass."""
    rules = request.evidence.get("rules", [])
    return [one["sentence"] for one in rules if one["outcome"] != "pass"][:MOST_REASONS]


def _facts(request: Request, **more: object) -> dict[str, object]:
    return {
        "version": request.version.label,
        "use_case": request.use_case_title,
        "evidence": request.evidence_sentence,
        "statement": request.statement,
        **more,
    }
