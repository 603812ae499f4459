"""Who is asked, consulted and told about a request, by each letter of the matrix, and what is kept of it."""

import pytest

from governance.notifications.models import Notification
from governance.usecases.queries import matrix_of
from raci import services as raci
from raci.edits import Edit, SetNaming
from tests.approvals.factories import open_request, person, sign, story
from tests.approvals.test_separation import away

pytestmark = pytest.mark.django_db

RELEASE = "Approve or reject the release"
VALIDATION = "Validate independently (effective challenge)"


def told(name):
    rows = Notification.objects.filter(user__username=name).order_by("pk")
    return list(rows.values_list("kind", "letter", "capacity"))


def signed(**deputies):
    """A signed request in a matrix where each letter for the release is another person's."""
    made = story(
        MO=[person("mo")],
        DE=[person("dee")],
        MLE=[person("mel")],
        OPS=[person("olu")],
        SEC=[person("sam")],
    )
    matrix = matrix_of(made.use_case)
    raci.revise(
        matrix,
        [
            SetNaming("rasci"),
            Edit("approve_release", "OPS", "S"),
            Edit("approve_release", "MLE", ""),
        ],
        expected=None,
        actor=person("bo"),
    )
    for absent, deputy in deputies.items():
        away(absent, deputy)
    request = open_request(made)
    sign(request, deputies.get("rui", "rui"))
    sign(request, deputies.get("bo", "bo"))
    return request


VALIDATES = f"Responsible for {VALIDATION}, by the role Risk and validation"


def on_release(word, role):
    return f"{word} for {RELEASE}, by the role {role}"


def on_serving(word, role):
    return f"{word} for Release to production, by the role {role}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rui", [  # A/R for the validation, of which the step asks the R
            ("approval_requested", "R", VALIDATES),
            ("advice_requested", "C", on_release("Consulted", "Risk and validation")),
            ("clearance_granted", "I", on_serving("Informed", "Risk and validation")),
            ("request_closed", "R", VALIDATES),
        ]),
        ("bo", [  # whose signature closes the request is not told that it is closed
            ("approval_requested", "A", on_release("Accountable", "Business owner")),
            ("clearance_granted", "I", on_serving("Informed", "Business owner")),
        ]),
        ("mo", []),  # R for the decision, which no step asks for
        ("sam", [
            ("advice_requested", "C", on_release("Consulted", "IT security and privacy")),
            ("request_closed", "C", on_release("Consulted", "IT security and privacy")),
        ]),
        ("dee", [
            ("clearance_granted", "I", on_serving("Informed", "Data engineer")),
            ("request_closed", "I", on_release("Informed", "Data engineer")),
        ]),
        ("olu", [  # S for the decision leads to nothing
            ("clearance_granted", "A", on_serving("Accountable", "MLOps engineer")),
        ]),
        ("mel", [  # no letter for the decision
            ("clearance_granted", "R", on_serving("Responsible", "ML engineer")),
        ]),
        ("ada", [  # who asks is told how it ends, and not asked for advice
            ("clearance_granted", "I", on_serving("Informed", "Data scientist")),
            ("request_closed", "", ""),
        ]),
        ("vi", []),
        ("cy", []),
    ],
)  # fmt: skip
def test_each_letter_leads_to_what_it_says_and_stands_on_the_record(name, expected):
    signed()

    assert told(name) == expected


@pytest.mark.parametrize(
    ("absent", "letters"),
    [
        ("rui", ["R", "C", "I", "R"]),
        ("bo", ["A", "I"]),
        ("dee", ["I", "I"]),
        ("sam", ["C", "C"]),
        ("mo", []),
    ],
)
def test_a_deputy_is_told_in_the_place_of_who_is_away(absent, letters):
    signed(**{absent: "cy"})
    asked = [one for one in told("cy") if one[0] != "responsibility_told"]

    assert [letter for _kind, letter, _capacity in asked] == letters
    assert all(f", as deputy of {absent.title()}, by" in one for _kind, _letter, one in asked)
    assert told(absent) == []
