"""When a clearance holds, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance.release.rules import ClearanceFacts, not_valid

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = ClearanceFacts(
    pointer="champion",
    state="valid",
    reason="",
    valid_from=NOW - timedelta(days=1),
    valid_until=NOW + timedelta(days=1),
    cleared_digest="sha256:a",
    present_digest="sha256:a",
    cleared_policy="credit",
    present_policy="credit",
)


def test_clearance_holds():
    assert not_valid(FACTS, now=NOW) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"valid_until": NOW}, "lapsed on 01 March 2026: its time ran out"),
        ({"valid_from": NOW + timedelta(hours=1)}, "begins on 01 March 2026"),
        ({"present_digest": "sha256:b"}, "not the one that was cleared"),
        ({"present_policy": "strict"}, "cleared under the policy credit; now strict applies"),
        ({"state": "revoked", "reason": "Wrong data."}, "been revoked: Wrong data."),
        ({"state": "lapsed", "reason": "judged again."}, "has lapsed: judged again."),
    ],
)
def test_clearance_does_not_hold(change, sentence):
    [reason] = not_valid(replace(FACTS, **change), now=NOW)

    assert sentence in reason


def test_every_reason_is_told():
    facts = replace(FACTS, valid_until=NOW, present_digest="", present_policy="strict")

    assert len(not_valid(facts, now=NOW)) == 3
