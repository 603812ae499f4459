"""What proposals hear: an approved request about a use case is carried out."""

from typing import TYPE_CHECKING

from governance.approvals.kinds import Kind, handed_in_by
from governance.approvals.models import Request
from governance.approvals.signals import request_approved
from governance.proposals import services

if TYPE_CHECKING:
    from governance.accounts.models import User


def carry_out(request: Request, actor: "User | None", **_: object) -> None:
    if not request.is_of_version:
        services.carry_out(request, actor=actor)


def connect() -> None:
    request_approved.connect(carry_out, dispatch_uid="proposals.carry_out")
    handed_in_by(services.hand_in_again, Kind.LOWER_TIER, Kind.BASE_MODEL)
