"""What can be asked for, each in the words of its requests; reads nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from governance.approvals.models import Request


class Kind(models.TextChoices):
    PROMOTION = "promotion", "Promotion"
    REVALIDATION = "revalidation", "Re-validation"
    RETIREMENT = "retirement", "Retirement"
    LOWER_TIER = "lower_tier", "Lower tier"
    BASE_MODEL = "base_model", "Base model"


# They ask that a version may serve, on a verdict; a clearance comes of them.
PERMITS = (Kind.PROMOTION, Kind.REVALIDATION)
# They are about a version under a pointer; the others are about a use case itself.
OF_VERSIONS = (*PERMITS, Kind.RETIREMENT)


@dataclass(frozen=True)
class Words:
    """How requests of one kind are spoken of; patterns with the names of `facts`."""

    title: str
    wish: str
    approved: str


WORDS = {
    Kind.PROMOTION: Words(
        title="{version} for {pointer}",
        wish="{version} may serve as {pointer} in {use_case}",
        approved="{version} is cleared, and whoever is Responsible for the release may move "
        "{pointer} to it.",
    ),
    Kind.REVALIDATION: Words(
        title="{version} to stay {pointer}",
        wish="{version} may go on serving as {pointer} in {use_case}",
        approved="{version} is cleared anew and goes on serving as {pointer}.",
    ),
    Kind.RETIREMENT: Words(
        title="{version} to retire from {pointer}",
        wish="{version} retires from {pointer} in {use_case}",
        approved="the clearance of {version} has ended, and whoever is Responsible for the retirement "
        "takes {pointer} away.",
    ),
    Kind.LOWER_TIER: Words(
        title="Tier {after} for {use_case}",
        wish="the tier of {use_case} is lowered from {before} to {after}",
        approved="{use_case} is of tier {after}, and the policies of that tier apply.",
    ),
    Kind.BASE_MODEL: Words(
        title="Base model {base_model} for {use_case}",
        wish="models of {use_case} may build upon {base_model}",
        approved="versions of {use_case} that build upon {base_model} may be asked for.",
    ),
}


def title(request: "Request") -> str:
    """What the request is called in lists, mails and sentences."""
    return _said(request, WORDS[Kind(request.kind)].title)


def wish(request: "Request") -> str:
    """What is asked for, after “asks that”."""
    return _said(request, WORDS[Kind(request.kind)].wish)


def approved(request: "Request") -> str:
    """What holds once the request is approved, in sentences."""
    return _said(request, WORDS[Kind(request.kind)].approved)


def _said(request: "Request", pattern: str) -> str:
    facts = {
        "use_case": request.use_case_title,
        "version": request.version.label if request.version_id else "",
        "pointer": request.pointer,
    }
    return pattern.format(**facts, **request.proposal)


# How a request of each kind is handed in again; the packages above approvals say so when they start.
HandIn = Callable[..., Any]
_handed_in_by: dict[Kind, HandIn] = {}


def handed_in_by(hand_in: HandIn, *kinds: Kind) -> None:
    """Says what freezes the evidence of such requests anew and begins their next round."""
    _handed_in_by.update(dict.fromkeys(kinds, hand_in))


def hand_in(kind: str) -> HandIn:
    return _handed_in_by[Kind(kind)]
