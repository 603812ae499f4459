"""Which steps a request of each kind takes: those of its policy, or those of the house; pure."""

from dataclasses import dataclass, field

from governance.approvals.kinds import Kind
from governance.policies import staffing
from governance.policies.document import ApprovalStep, Consult, PolicyDocument, Separation


@dataclass(frozen=True)
class Way:
    """Who signs in which order, who is kept from it, and who is asked for advice."""

    steps: tuple[ApprovalStep, ...]
    separation: Separation = field(default_factory=Separation)
    consult: Consult | None = None


# Whose Responsible and Accountable may ask, by activity.
MAY_ASK = {
    Kind.PROMOTION: staffing.MAY_ASK,
    Kind.REVALIDATION: (*staffing.MAY_ASK, "periodic_review"),
    Kind.RETIREMENT: ("decide_retirement", "execute_retirement", *staffing.MAY_ASK),
    Kind.LOWER_TIER: ("define_use_case", "risk_tier"),
    Kind.BASE_MODEL: ("define_use_case", *staffing.MAY_ASK),
}

# What concerns a use case and no version is under no policy; these apply to all.
OF_THE_HOUSE = {
    Kind.LOWER_TIER: Way(
        (
            ApprovalStep(
                step="tier",
                activity="risk_tier",
                duty="A",
                meaning="accepted the lower tier of",
                due_in="10 working days",
            ),
        ),
        consult=Consult(due_in="5 working days"),
    ),
    Kind.BASE_MODEL: Way(
        (
            ApprovalStep(
                step="assessment",
                activity="independent_validation",
                duty="R",
                meaning="assessed",
                due_in="10 working days",
            ),
            ApprovalStep(
                step="adoption",
                activity="approve_release",
                duty="A",
                meaning="adopted",
                due_in="15 working days",
            ),
        ),
        consult=Consult(due_in="5 working days"),
    ),
}


def way(kind: Kind, policy: PolicyDocument | None) -> Way:
    """The way of a request; the policy says it for everything about a version."""
    if policy is None:
        return OF_THE_HOUSE[kind]
    steps = {
        Kind.PROMOTION: policy.approvals,
        Kind.REVALIDATION: policy.revalidation.approvals or policy.approvals,
        Kind.RETIREMENT: policy.retirement.approvals,
    }[kind]
    return Way(steps, _separation(kind, policy), policy.consult)


def _separation(kind: Kind, policy: PolicyDocument) -> Separation:
    """Who made a version may decide that it retires; who asks for it may not."""
    if kind == Kind.RETIREMENT:
        return policy.separation.model_copy(update={"contributors": "may vote"})
    return policy.separation
