"""Which steps of a policy a request takes: pure; every step left out says why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from governance.policies.document import ApprovalStep, PolicyDocument

TIERS = (1, 2, 3)


@dataclass(frozen=True)
class Circumstances:
    """What the conditions of steps look at, for one request."""

    tier: int
    has_warnings: bool = False
    is_minor: bool = False

    def __str__(self) -> str:
        warns = "a rule that warns" if self.has_warnings else "no rule that warns"
        return f"tier {self.tier}, {warns}, a {self.change} change"

    @property
    def change(self) -> str:
        return "minor" if self.is_minor else "major"


@dataclass(frozen=True)
class Leg:
    """One step of the policy on the way of one request.

    Legs with the same `stage` are open together; `left_out` says why the step is not asked for.
    """

    step: ApprovalStep
    stage: int
    left_out: str = ""


def route(steps: Iterable[ApprovalStep], circumstances: Circumstances) -> list[Leg]:
    """Every step in its order, each with its stage and whether it is asked for."""
    legs, stage = [], 0
    for step in steps:
        if not step.parallel or not stage:
            stage += 1
        legs.append(Leg(step, stage, "".join(_unmet(step, circumstances))))
    return legs


def asked_for(steps: Iterable[ApprovalStep], circumstances: Circumstances) -> list[Leg]:
    """The steps that have to be signed."""
    return [leg for leg in route(steps, circumstances) if not leg.left_out]


def dead_ends(policy: PolicyDocument, steps: Sequence[ApprovalStep]) -> Iterator[Circumstances]:
    """Circumstances the policy may meet in which none of the steps would be asked for."""
    tiers = (policy.applies_to.tiers if policy.applies_to else ()) or TIERS
    changes = (True, False) if policy.minor_change else (False,)
    for tier, has_warnings, is_minor in product(tiers, (True, False), changes):
        met = Circumstances(tier, has_warnings, is_minor)
        if not asked_for(steps, met):
            yield met


def _unmet(step: ApprovalStep, met: Circumstances) -> Iterator[str]:
    """Why the step is not asked for: the first part of its condition that does not hold."""
    wanted = step.only_if
    if wanted is None:
        return
    if wanted.tiers and met.tier not in wanted.tiers:
        tiers = " or ".join(map(str, wanted.tiers))
        yield f"It is for tier {tiers}, and this is tier {met.tier}."
    elif wanted.warnings is not None and wanted.warnings != met.has_warnings:
        yield "No rule warns." if wanted.warnings else "A rule warns."
    elif wanted.change and wanted.change != met.change:
        yield f"It is for a {wanted.change} change, and this one is {met.change}."
