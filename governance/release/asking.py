"""Asking the people of a policy: to let a version serve, to let it go on serving, or to retire it."""

from typing import TYPE_CHECKING

from governance.approvals import rework
from governance.approvals import services as approvals
from governance.approvals.kinds import PERMITS, Kind
from governance.approvals.models import Request
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, NotFound
from governance.release import changes, evidence
from governance.release.standing import Obstacle, Standing
from registry.models import ModelVersion, PointerKind

if TYPE_CHECKING:
    from governance.accounts.models import User


def request_promotion(
    version: ModelVersion,
    *,
    actor: "User",
    alias: str = "champion",
    pointer_kind: str = PointerKind.ALIAS,
    statement: str = "",
) -> Request:
    """Asks the people of the policy to let the version serve; freezes what they will judge by.

    Refuses with every reason at once: no policy, no sufficient verdict, gaps in the card.
    """
    return _request(Kind.PROMOTION, version, alias, pointer_kind, actor, statement)


def request_revalidation(
    version: ModelVersion,
    *,
    actor: "User",
    alias: str = "champion",
    pointer_kind: str = PointerKind.ALIAS,
    statement: str = "",
) -> Request:
    """Asks for a version that serves to go on: validated again, on what is known of it now.

    Refuses what `request_promotion` refuses, and a version that does not serve.
    """
    return _request(Kind.REVALIDATION, version, alias, pointer_kind, actor, statement)


def request_retirement(
    version: ModelVersion,
    *,
    actor: "User",
    alias: str = "champion",
    pointer_kind: str = PointerKind.ALIAS,
    statement: str = "",
) -> Request:
    """Asks to take a version out of service for good; it takes no verdict, only that it serves."""
    return _request(Kind.RETIREMENT, version, alias, pointer_kind, actor, statement)


def hand_in_again(request: Request, *, actor: "User", answer: str) -> Request:
    """Freezes what is true of the version now, says what changed, and asks the people again."""
    version = ModelVersion.objects.live().select_related("model", "parent__model")
    standing = Standing(
        version.get(pk=request.version_id), request.pointer, pointer_kind=request.pointer_kind
    )
    kind = Kind(request.kind)
    with audit.refusals_recorded(Event.HANDED_IN_AGAIN, request, actor=actor):
        _refuse(kind, standing)
    frozen = _frozen(kind, standing)
    return rework.begin_round(
        request,
        actor=actor,
        changes=[one.sentence for one in changes.changes(request.evidence, frozen["evidence"])],
        answer=answer,
        **frozen,
    )


def _request(
    kind: Kind,
    version: ModelVersion,
    pointer: str,
    pointer_kind: str,
    actor: "User",
    statement: str,
) -> Request:
    live = ModelVersion.objects.visible_to(actor).select_related("model", "parent__model")
    seen = live.filter(pk=version.pk).first()
    if seen is None:
        raise NotFound("There is no such version.", code="version_not_found")
    with audit.refusals_recorded(Event.REQUEST_OPENED, seen, actor=actor, pointer=pointer):
        standing = Standing(seen, pointer, pointer_kind=pointer_kind)
        _refuse(kind, standing)
    return approvals.open_request(
        seen,
        kind=kind,
        actor=actor,
        policy_version=standing.protection.policy_version,
        scope=standing.protection.use_case.scope,
        pointer=pointer,
        pointer_kind=pointer_kind,
        statement=statement,
        **_frozen(kind, standing),
    )


def _frozen(kind: Kind, standing: Standing) -> dict:
    """What is judged by, as it stands now, and how large the change is."""
    if kind == Kind.RETIREMENT:
        account = evidence.freeze_retirement(standing)
        return {
            "evidence": account,
            "blessing": standing.blessing,
            "sentence": account["sentence"],
        }
    account = evidence.freeze(standing)
    return {
        "evidence": account,
        "blessing": standing.blessing,
        "change": changes.size(standing.policy, standing.served_account, account),
    }


def _refuse(kind: Kind, standing: Standing) -> None:
    obstacles = obstacles_to(kind, standing)
    if obstacles:
        sentences = [obstacle.sentence for obstacle in obstacles]
        raise Conflict(
            f"{kind.label} of {standing.version.label} as {standing.pointer} cannot be asked for "
            f"yet. {' '.join(sentences)}",
            code=obstacles[0].code,
            reasons=sentences,
            link=obstacles[0].link,
        )


def obstacles_to(kind: Kind, standing: Standing) -> list[Obstacle]:
    """Why such a request cannot be opened now; who may ask is for approvals to say."""
    found = standing.obstacles() if kind in PERMITS else standing.policy_obstacles()
    if kind != Kind.PROMOTION and not standing.is_serving and not found:
        sentence = f"{standing.version.label} does not serve as {standing.pointer}."
        found = [Obstacle("not_serving", sentence, standing.version.get_absolute_url())]
    return found
