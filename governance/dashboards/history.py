"""What served at a moment and who answered for it: the registry's moves beside clearances and votes."""

from dataclasses import dataclass
from datetime import datetime

from governance.approvals.models import Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.release.models import Clearance
from registry import history
from registry.history import Holding
from registry.models import RegisteredModel


@dataclass(frozen=True)
class Served:
    """One holding with the clearance by which the version came there; None where none was needed."""

    holding: Holding
    clearance: Clearance | None
    signatures: tuple[Vote, ...]

    @property
    def is_protected(self) -> bool:
        return self.clearance is not None


@dataclass(frozen=True)
class Moment:
    """What served at a moment, and what the model was called then if that has changed since."""

    at: datetime
    existed: bool
    served: tuple[Served, ...]
    former_name: str


def at_moment(model: RegisteredModel, moment: datetime) -> Moment:
    """Reads a moment in four queries; refuses the future."""
    found = history.as_of(model, moment)
    clearances = _clearances(found.holdings)
    signatures = _signatures(clearances.values())
    return Moment(
        at=moment,
        existed=found.existed,
        served=tuple(
            _served(one, clearances.get(one.evidence.get("clearance")), signatures)
            for one in found.holdings
        ),
        former_name=_name_at(model, moment),
    )


def _served(
    holding: Holding, clearance: Clearance | None, signatures: dict[int, list[Vote]]
) -> Served:
    signed = signatures.get(clearance.request_id, []) if clearance else []
    return Served(holding, clearance, tuple(signed))


def _clearances(holdings: tuple[Holding, ...]) -> dict[int, Clearance]:
    keys = [key for one in holdings if isinstance(key := one.evidence.get("clearance"), int)]
    found = Clearance.objects.filter(pk__in=keys).select_related(
        "request", "blessing__version__model", "policy_version__policy", "version__model"
    )
    return {one.pk: one for one in found.defer("request__evidence", "blessing__frozen")}


def _signatures(clearances) -> dict[int, list[Vote]]:  # noqa: ANN001 - a view of a dictionary
    """Who approved each request, in the order of its steps."""
    signed: dict[int, list[Vote]] = {}
    votes = Vote.objects.filter(
        step__request__in=[one.request_id for one in clearances],
        decision=Vote.Decision.APPROVE,
    )
    for vote in votes.select_related("step").order_by("step__position", "pk"):
        signed.setdefault(vote.step.request_id, []).append(vote)
    return signed


def _name_at(model: RegisteredModel, moment: datetime) -> str:
    """The name before the first renaming after the moment; empty when it was the present one."""
    renamed = Entry.objects.about(model).filter(
        event=Event.MODEL_RENAMED, refused=False, at__gt=moment
    )
    first = renamed.order_by("pk").first()
    former = str(first.data.get("before", "")) if first else ""
    return "" if former == model.name else former
