"""What a one-page case lacks, without a database."""

import pytest

from governance.usecases.rules import CaseFacts, case_gaps, tier_is_lowered

COMPLETE = {
    "need": "Decide on credit.",
    "positive_meaning": "the borrower did not pay back",
    "has_costs": True,
    "kpis": 1,
    "observed_kpis": 1,
    "requirements": [("Endpoint", "granted")],
    "models": 1,
}


def test_a_full_case_lacks_nothing():
    assert case_gaps(CaseFacts(**COMPLETE)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"need": ""}, "The business need is not written down."),
        ({"kpis": 0}, "No KPI is defined."),
        ({"observed_kpis": 0}, "No KPI has been observed yet."),
        ({"positive_meaning": ""}, "It is not said what a positive case is."),
        ({"has_costs": False}, "The cost of a wrong decision is not set."),
        ({"requirements": []}, "No technical requirement is listed."),
        (
            {"requirements": [("Endpoint", "missing")]},
            "Technical requirement “Endpoint” is missing.",
        ),
        ({"models": 0}, "No model is adopted."),
        ({"unfilled_roles": {"RV": "Risk"}}, "Nobody is Risk (RV)."),
        ({"raci_problems": ["Nobody is Accountable."]}, "Nobody is Accountable."),
    ],
)
def test_one_gap_is_one_sentence(change, sentence):
    assert case_gaps(CaseFacts(**{**COMPLETE, **change})) == [sentence]


def test_a_role_that_every_case_can_do_without_is_no_gap():
    assert case_gaps(CaseFacts(**COMPLETE, unfilled_roles={"SEC": "IT security"})) == []


@pytest.mark.parametrize(
    ("before", "after", "lowered"), [(1, 2, True), (1, 3, True), (2, 1, False), (2, 2, False)]
)
def test_a_greater_number_is_a_lower_tier(before, after, lowered):
    assert tier_is_lowered(before, after) is lowered
