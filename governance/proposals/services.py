"""Asking for a decision on a use case itself, and carrying out what was approved."""

from governance.accounts.models import User
from governance.approvals import opening, rework
from governance.approvals.kinds import Kind
from governance.approvals.models import Request
from governance.errors import Conflict, Invalid
from governance.proposals import evidence
from governance.usecases import services as usecases
from governance.usecases.models import BaseModelAdoption, UseCase
from governance.usecases.rules import tier_is_lowered
from registry import validation

LONGEST = 2000


def ask_lower_tier(
    use_case: UseCase, tier: int, *, actor: User, statement: str = ""
) -> Request:
    """Asks who answers for the risk tier to lower it; a higher one needs no approval."""
    if tier not in UseCase.Tier.values:
        raise Invalid("There are the tiers 1, 2 and 3.", field="tier")
    if not tier_is_lowered(use_case.tier, tier):
        raise Conflict(
            f"{use_case.title} is of tier {use_case.tier}: only a lower tier has to be asked for.",
            field="tier",
        )
    proposal = {"before": use_case.tier, "after": tier}
    return _ask(Kind.LOWER_TIER, use_case, proposal, {}, actor, statement)


def ask_base_model(
    use_case: UseCase,
    base_model: str,
    *,
    actor: User,
    licence: str = "",
    origin: str = "",
    statement: str = "",
) -> Request:
    """Asks that models of the use case may build upon one made elsewhere.

    `base_model` is the name as versions give it; `licence` and `origin` tell signers what may be done
    with it, and who made it from which data.
    """
    name = validation.word(base_model, "base_model", longest=500)
    if not name:
        raise Invalid("Name the base model as your versions name it.", field="base_model")
    if BaseModelAdoption.objects.filter(use_case=use_case, name=name).exists():
        raise Conflict(f"{use_case.title} has adopted {name} already.", field="base_model")
    details = {"licence": _bounded(licence, "licence"), "origin": _bounded(origin, "origin")}
    return _ask(Kind.BASE_MODEL, use_case, {"base_model": name}, details, actor, statement)


def hand_in_again(request: Request, *, actor: User, answer: str) -> Request:
    """Freezes what is true of the use case now, says what changed, and asks the people again."""
    kind, use_case = Kind(request.kind), UseCase.objects.get(pk=request.use_case_id)
    account = evidence.freeze(kind, use_case, request.proposal, request.evidence["details"])
    return rework.begin_round(
        request,
        actor=actor,
        evidence=account,
        sentence=account["sentence"],
        changes=evidence.changes(request.evidence, account),
        answer=answer,
    )


def carry_out(request: Request, *, actor: User | None) -> None:
    """Makes so what was approved, in the transaction of the last signature."""
    if request.kind == Kind.LOWER_TIER:
        _lower_tier(request, actor)
    elif request.kind == Kind.BASE_MODEL:
        name = request.proposal["base_model"]
        usecases.adopt_base_model(request.use_case, name, actor=actor)


def _lower_tier(request: Request, actor: User | None) -> None:
    """Only from the tier that those who signed were shown."""
    use_case, before = request.use_case, request.proposal["before"]
    if use_case.tier != before:
        raise Conflict(
            f"{use_case.title} is of tier {use_case.tier} now, not {before} as when this was asked: "
            "reject the request, or have it withdrawn and ask anew.",
            code="tier_changed",
            link=use_case.get_absolute_url(),
        )
    reason = f"Approved by request {request.pk}."
    usecases.lower_tier(use_case, request.proposal["after"], actor=actor, reason=reason)


def _ask(
    kind: Kind,
    use_case: UseCase,
    proposal: dict,
    details: dict[str, str],
    actor: User,
    statement: str,
) -> Request:
    account = evidence.freeze(kind, use_case, proposal, details)
    return opening.open_proposal(
        use_case,
        kind=kind,
        actor=actor,
        evidence=account,
        proposal=proposal,
        sentence=account["sentence"],
        statement=statement,
    )


def _bounded(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(f"Write at most {LONGEST} characters.", field=field)
    return text
