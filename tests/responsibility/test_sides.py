"""Who stands on both sides of separated duties."""

import pytest

from governance.responsibility.sides import Part, both_sides


def part(user, activity, letters, segregated=True):
    return Part(user, activity, activity.title(), segregated, letters)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([part(1, "approve", "A"), part(2, "approve", "R")], []),
        ([part(1, "approve", "A"), part(1, "approve", "C")], []),
        ([part(1, "build", "A"), part(1, "build", "R", False)], []),
        (
            [part(1, "approve", "A"), part(1, "approve", "R")],
            [(1, "is both Accountable and Responsible for “Approve”")],
        ),
        ([part(1, "validate", "A/R")], []),
        ([part(1, "validate", "A/R"), part(2, "train", "R", False)], []),
        ([part(1, "validate", "C"), part(1, "train", "R", False)], []),
        (
            [part(1, "validate", "R"), part(1, "train", "R", False)],
            [(1, "builds the model and carries “Validate”")],
        ),
    ],
)
def test_only_one_person_on_both_sides_is_told(parts, found):
    assert list(both_sides(parts, "validate", ["train"])) == found
