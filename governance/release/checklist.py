"""The way of a version to its pointer, step by step: what is done, what is not, who acts next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from governance.approvals import queries as approvals
from governance.approvals.models import Request
from governance.evaluation.models import Evaluation
from governance.release.people import People
from governance.release.standing import Standing
from registry.queries import present_digest

State = Literal["done", "failed", "waiting", "todo"]
ASKING = ("register_version", "run_blessing", "release", "approve_release")
STEPS_OF_REQUEST: dict[str, State] = {
    "done": "done",
    "open": "waiting",
    "waiting": "waiting",
    "rejected": "failed",
    "closed": "failed",
}


@dataclass(frozen=True)
class CheckItem:
    """One step: its state, a sentence, who has acted or must act, and the page for it."""

    key: str
    title: str
    state: State
    sentence: str
    who: tuple[str, ...] = ()
    link: str = ""

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def checklist(standing: Standing) -> tuple[CheckItem, ...]:
    people = People(standing.protection.use_case, _activities(standing))
    return (
        _registered(standing),
        _governed(standing),
        _evaluated(standing, people),
        _blessed(standing, people),
        _card(standing, people),
        _asked(standing, people),
        *_signed(standing, people),
        _cleared(standing),
        _serving(standing, people),
    )


def _activities(standing: Standing) -> set[str]:
    steps = standing.policy.approvals if standing.policy else ()
    return {*ASKING, "model_card", *(step.activity for step in steps)}


def _registered(standing: Standing) -> CheckItem:
    version = standing.version
    sentence = f"Registered by {version.created_by} on {version.created_at:%d %b %Y}."
    if not (version.digest or present_digest(version)):
        sentence += " No digest was given, so the artifact cannot be recognised."
    return CheckItem(
        "registered",
        "Registered",
        "done",
        sentence,
        (str(version.created_by),),
        version.get_absolute_url(),
    )


def _governed(standing: Standing) -> CheckItem:
    found = standing.protection
    if found.use_case is None:
        return CheckItem("governed", "In a use case", "todo", found.reason, link="/use-cases/")
    link = found.use_case.get_absolute_url()
    if found.policy_version is None:
        return CheckItem("governed", "In a use case", "todo", found.reason, link="/policies/")
    sentence = f"{found.use_case.title}, tier {found.use_case.tier}. {found.reason}"
    return CheckItem("governed", "In a use case", "done", sentence, link=link)


def _evaluated(standing: Standing, people: People) -> CheckItem:
    evaluation = standing.evaluation
    judged = standing.blessing.evaluation if standing.blessing else None
    if judged and (evaluation is None or evaluation.state != Evaluation.State.FINISHED):
        evaluation = judged
    if evaluation is None:
        sentence = "No evaluation yet: hand in predictions."
        who = people.who("run_blessing", "R")
        return CheckItem("evaluated", "Evaluated", "todo", sentence, who)
    link = f"{standing.version.get_absolute_url()}#evaluation"
    asked_by = (str(evaluation.created_by),)
    match evaluation.state:
        case Evaluation.State.FINISHED:
            sentence = f"On {evaluation.dataset}, {evaluation.rows or 0:,} rows."
            return CheckItem("evaluated", "Evaluated", "done", sentence, asked_by, link)
        case Evaluation.State.FAILED:
            sentence = f"The evaluation failed: {evaluation.reason}"
            return CheckItem("evaluated", "Evaluated", "failed", sentence, asked_by, link)
    sentence = f"Being measured on {evaluation.dataset}."
    return CheckItem("evaluated", "Evaluated", "waiting", sentence, asked_by, link)


def _blessed(standing: Standing, people: People) -> CheckItem:
    blessing = standing.blessing
    who = people.who("run_blessing")
    if blessing is None:
        measured = standing.evaluation is not None and standing.evaluation.is_finished
        sentence = "No verdict yet." if measured else "Judged as soon as it is evaluated."
        return CheckItem("blessed", "Blessed", "todo", sentence, who)
    link = f"{standing.version.get_absolute_url()}#verdict"
    if not blessing.is_sufficient:
        return CheckItem("blessed", "Blessed", "failed", blessing.sentence, who, link)
    if standing.lost_exceptions:
        sentence = f"To be judged again: {' '.join(standing.lost_exceptions)}"
        return CheckItem("blessed", "Blessed", "failed", sentence, who, link)
    found = standing.protection.policy_version
    if found and blessing.policy_version_id != found.pk:
        sentence = f"{blessing.sentence} {found.label} applies now, so it must be judged again."
        return CheckItem("blessed", "Blessed", "todo", sentence, who, link)
    return CheckItem("blessed", "Blessed", "done", blessing.sentence, (), link)


def _card(standing: Standing, people: People) -> CheckItem:
    title, link = "Card complete", standing.card_url
    if _is_under_way(standing):
        sentence = "The card was complete when approval was asked for."
        return CheckItem("card", title, "done", sentence, (), link)
    found = standing.completeness
    if found is None:
        sentence = "A policy says what the card must hold."
        return CheckItem("card", title, "todo", sentence, (), link)
    if found.is_complete:
        return CheckItem("card", title, "done", found.sentence, (), link)
    lacking = " ".join(field.missing_sentence for field in found.missing)
    sentence = f"{found.sentence} {lacking}"
    return CheckItem("card", title, "todo", sentence, people.who("model_card"), link)


def _asked(standing: Standing, people: People) -> CheckItem:
    request, title = standing.request, "Approval asked for"
    if request is None:
        who = tuple(dict.fromkeys(name for key in ASKING for name in people.who(key)))
        return CheckItem("asked", title, "todo", "Nobody has asked yet.", who)
    link = request.get_absolute_url()
    sentence = f"By {request.requester_name} on {request.opened_at:%d %b %Y}."
    who = (request.requester_name,)
    if request.state == Request.State.REWORK:
        sentence += f" It waits for changes by {request.requester_name}."
        return CheckItem("asked", title, "waiting", sentence, who, link)
    if request.is_open or request.state == Request.State.APPROVED:
        return CheckItem("asked", title, "done", sentence, who, link)
    ended = f"{request.get_state_display()}: {request.closing_reason}"
    return CheckItem("asked", title, "failed", f"{sentence} {ended}", who, link)


def _signed(standing: Standing, people: People) -> Iterator[CheckItem]:
    """One item for each step: of the request, or of the policy while nobody has asked."""
    if standing.request:
        yield from _signatures(standing)
        return
    for step in standing.policy.approvals if standing.policy else ():
        who = people.who(step.activity, step.duty)
        sentence = "To be signed once approval is asked for."
        if not who:
            sentence = "Nobody may sign this step: name somebody in the RACI matrix."
        yield CheckItem(f"step:{step.step}", _title(step.step), "todo", sentence, who)


def _signatures(standing: Standing) -> Iterator[CheckItem]:
    request = standing.request
    for found in approvals.progress(request):
        step = found.step
        able = [f"{user.display_name} ({step.duty})" for user in found.voters]
        signed = [f"{vote.user_name} ({step.duty})" for vote in found.votes]
        yield CheckItem(
            f"step:{step.name}",
            _title(step.name),
            STEPS_OF_REQUEST[found.state],
            found.sentence,
            tuple(able or signed),
            request.get_absolute_url(),
        )


def _cleared(standing: Standing) -> CheckItem:
    found = standing.assessment
    if not found.is_protected:
        return CheckItem("cleared", "Cleared", "done", found.reasons[0])
    if found.allowed:
        link = found.request.get_absolute_url()
        return CheckItem("cleared", "Cleared", "done", found.reasons[0], (), link)
    if found.clearance:
        return CheckItem("cleared", "Cleared", "failed", " ".join(found.reasons))
    sentence = f"The last signature clears it for {standing.pointer}."
    return CheckItem("cleared", "Cleared", "todo", sentence)


def _serving(standing: Standing, people: People) -> CheckItem:
    title, link = "Serving", standing.version.model.get_absolute_url()
    if standing.is_serving:
        sentence = f"{standing.pointer} points to this version."
        return CheckItem("serving", title, "done", sentence, (), link)
    other = standing.serving
    sentence = (
        f"{standing.pointer} points to {other.label} now."
        if other
        else f"Nothing serves as {standing.pointer} yet."
    )
    return CheckItem("serving", title, "todo", sentence, people.who("release"), link)


def _is_under_way(standing: Standing) -> bool:
    request = standing.request
    return bool(request) and (request.is_undecided or request.state == Request.State.APPROVED)


def _title(step: str) -> str:
    return f"{step.capitalize()} signed"
