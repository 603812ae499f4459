"""Which exceptions are in force on a day, and how they are frozen into a verdict."""

from datetime import timedelta

import pytest

from governance.exceptions import queries
from tests.exceptions.factories import REASON, row, today, version_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("asked", False),
        ("granted", True),
        ("refused", False),
        ("withdrawn", False),
        ("revoked", False),
        ("expired", False),
    ],
)
def test_only_a_granted_exception_is_in_force(state, counts):
    one = row(state=state)

    assert queries.in_force(one.version, "credit", today()).exists() is counts


def test_it_holds_through_its_last_day():
    one = row(state="granted")

    assert queries.in_force(one.version, "credit", one.until).exists()
    assert not queries.in_force(one.version, "credit", one.until + timedelta(days=1)).exists()


def test_it_covers_its_version_and_its_policy_alone():
    one = row(state="granted")

    assert not queries.in_force(version_of(one.version.model), "credit", today()).exists()
    assert not queries.in_force(one.version, "other", today()).exists()


def test_what_is_frozen_says_all_a_verdict_needs():
    one = row(state="granted")

    [frozen] = queries.frozen_in_force(one.version, "credit", today())

    assert frozen == {
        "id": one.pk,
        "rule": "four fifths",
        "text": one.rule_text,
        "until": one.until.isoformat(),
        "granted_by": [],
        "reason": REASON,
        "digest": one.digest,
    }
