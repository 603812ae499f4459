"""Where the other registry and this one differ: seen, told, moved back, resolved."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.connections.models import Connection, Divergence
from governance.jobs.services import enqueue
from governance.notifications import services as notifications
from governance.notifications.addressing import by_letter
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.gate import Change, get_gate
from registry.models import Alias, ModelVersion, PointerKind, RegisteredModel

MOVE_BACK = "connections.move_back"


def see(
    connection: Connection,
    model: RegisteredModel,
    kind: str,
    sentence: str,
    *,
    version: ModelVersion | None = None,
    pointer_kind: str = "",
    pointer: str = "",
    reasons: Sequence[str] = (),
) -> Divergence:
    """Writes a divergence down once, tells those who answer, and asks to move it back if wanted."""
    facts = {
        "connection": connection,
        "model": model,
        "kind": kind,
        "version": version,
        "pointer_kind": pointer_kind,
        "pointer": pointer,
        "resolved_at": None,
    }
    with transaction.atomic():
        found, is_new = Divergence.objects.get_or_create(
            **facts, defaults={"sentence": sentence, "reasons": list(reasons)}
        )
        if is_new:
            audit.record(
                Event.DIVERGENCE_SEEN,
                version or model,
                actor=None,
                connection=connection.name,
                pointer=pointer,
                sentence=sentence,
                reasons=list(reasons),
            )
            _tell(found)
        if connection.move_back and is_movable(found) and not found.moved_back_at:
            _move_back_soon(found)
    return found


def resolve_others(
    connection: Connection, model: RegisteredModel, seen: Collection[int]
) -> None:
    """Closes the open divergences of the model that a whole look did not meet again."""
    with transaction.atomic():
        over = Divergence.objects.select_for_update(of=["self"]).filter(
            connection=connection, model=model, resolved_at=None
        )
        for one in over.exclude(pk__in=seen):
            one.resolved_at = timezone.now()
            one.save(update_fields=["resolved_at"])
            audit.record(Event.DIVERGENCE_RESOLVED, model, actor=None, sentence=one.sentence)


def is_movable(divergence: Divergence) -> bool:
    """Stages and gone things are shown only; an alias can be set back."""
    return (
        divergence.kind == Divergence.Kind.POINTER
        and divergence.pointer_kind == PointerKind.ALIAS
        and cleared_target(divergence) is not None
    )


def cleared_target(divergence: Divergence) -> ModelVersion | None:
    """The version our own alias points to, as long as the gate would still let it."""
    alias = (
        Alias.objects.filter(model=divergence.model, name=divergence.pointer)
        .select_related("version__model")
        .first()
    )
    if alias is None:
        return None
    actor = divergence.connection.created_by
    change = Change(
        "set_alias",
        divergence.model,
        PointerKind.ALIAS,
        alias.name,
        alias.version,
        alias.version,
        actor,
    )
    return alias.version if get_gate().decide(change).allowed else None


def write_moved_back(divergence: Divergence, version: ModelVersion) -> None:
    divergence.moved_back_at, divergence.moved_back_to = timezone.now(), version
    divergence.save(update_fields=["moved_back_at", "moved_back_to"])
    audit.record(
        Event.ALIAS_MOVED_BACK,
        version,
        actor=None,
        connection=divergence.connection.name,
        alias=divergence.pointer,
        sentence=divergence.sentence,
    )


def _tell(divergence: Divergence) -> None:
    """Mails who answers for the release; an ungoverned model has nobody, its page shows it."""
    use_case = use_case_of(divergence.model)
    if use_case is None or divergence.kind != Divergence.Kind.POINTER:
        return
    told = notifications.tell(
        by_letter(raci.carriers(use_case.scope, ["approve_release"], ["A"])),
        "registry_diverged",
        subject=divergence.model,
        title=f"Without clearance: {divergence.version.label} is {divergence.pointer} elsewhere",
        line=divergence.sentence,
        url=divergence.model.get_absolute_url(),
        context={
            "version": divergence.version.label,
            "use_case": use_case.title,
            "evidence": " ".join(divergence.reasons),
        },
    )
    if told:
        divergence.mailed_at = timezone.now()
        divergence.save(update_fields=["mailed_at"])


def _move_back_soon(divergence: Divergence) -> None:
    enqueue(
        MOVE_BACK,
        actor=divergence.connection.created_by,
        subject=divergence,
        model=divergence.model,
        arguments={"divergence": divergence.pk},
    )
