"""When a one-page case is complete: pure functions of plain facts, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

COMPULSORY_ROLES = ("BO", "MO", "DS", "RV")


@dataclass(frozen=True)
class CaseFacts:
    """What a use case holds, as far as its completeness goes."""

    need: str = ""
    positive_meaning: str = ""
    has_costs: bool = False
    kpis: int = 0
    observed_kpis: int = 0
    requirements: Sequence[tuple[str, str]] = ()
    models: int = 0
    unfilled_roles: dict[str, str] = field(default_factory=dict)
    raci_problems: Sequence[str] = ()


def case_gaps(facts: CaseFacts) -> list[str]:
    """What the case lacks, one sentence each, in the order a reader would fill it."""
    absent = [
        (facts.need, "The business need is not written down."),
        (facts.kpis, "No KPI is defined."),
        (facts.positive_meaning, "It is not said what a positive case is."),
        (facts.has_costs, "The cost of a wrong decision is not set."),
        (facts.requirements, "No technical requirement is listed."),
        (facts.models, "No model is adopted."),
    ]
    return [
        *(sentence for value, sentence in absent if not value),
        *_unobserved(facts),
        *_missing_requirements(facts),
        *(
            f"Nobody is {title} ({code})."
            for code, title in facts.unfilled_roles.items()
            if code in COMPULSORY_ROLES
        ),
        *facts.raci_problems,
    ]


def _unobserved(facts: CaseFacts) -> list[str]:
    if facts.kpis and not facts.observed_kpis:
        return ["No KPI has been observed yet."]
    return []


def _missing_requirements(facts: CaseFacts) -> list[str]:
    return [
        f"Technical requirement “{title}” is missing."
        for title, state in facts.requirements
        if state == "missing"
    ]


def tier_is_lowered(before: int, after: int) -> bool:
    """Tier 1 carries the most duties, so a greater number is a lower tier."""
    return after > before
