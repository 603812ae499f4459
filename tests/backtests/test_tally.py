"""What a back-test says it came to: counted by version, the worst first."""

import pytest

from governance.backtests.tally import Counts, Tally, headline, rank


def line(version=1, direction="same", *, then="blessed", **changes):
    plain = {
        "version_id": version,
        "verdict_then": then,
        "direction": direction,
        "differs": direction in ("blocked", "would_pass"),
        "decides": True,
        "is_serving": False,
        "later_breached": False,
    }
    return plain | changes


def told(*lines):
    tally = Tally()
    for one in lines:
        tally.add(one)
    return tally.counts()


def said(**counts):
    return headline(vars(Counts(**counts)))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            {"passed_then": 40, "blocked": 7, "blocked_serving": 2, "would_pass": 3},
            "Would have blocked 7 of the 40 versions that passed then, 2 of them serving now. "
            "Would have let through 3 that were blocked.",
        ),
        (
            {"passed_then": 2, "blocked": 1},
            "Would have blocked 1 of the 2 versions that passed then, none of them serving now.",
        ),
        ({"passed_then": 5}, "Would have blocked none of the 5 versions that passed then."),
        (
            {"passed_then": 1, "blocked": 1, "blocked_serving": 1},
            "Would have blocked the one version that passed then, which serves now.",
        ),
        (
            {"passed_then": 1, "would_pass": 1},
            "Would not have blocked the one version that passed then. "
            "Would have let through 1 that was blocked.",
        ),
        ({}, "None of these versions had passed then, so none could be blocked."),
        (
            {"passed_then": 9, "blocked": 3, "breached": 4, "breached_blocked": 2},
            "Would have blocked 3 of the 9 versions that passed then, none of them serving now. "
            "4 versions that passed later lost their clearance before its time: this text would "
            "have blocked 2 of them.",
        ),
        (
            {"passed_then": 9, "breached": 2},
            "Would have blocked none of the 9 versions that passed then. 2 versions that passed "
            "later lost their clearance before its time: this text would have blocked none of them.",
        ),
    ],
)
def test_the_headline_is_a_plain_sentence(counts, sentence):
    assert said(**counts) == sentence


def test_versions_are_counted_by_the_evaluation_that_decides():
    counts = told(
        line(1, "blocked", is_serving=True),
        line(1, "would_pass", then="not_blessed", decides=False),
        line(2, "would_pass", then="undecided"),
        line(3, "not_judged", then=""),
        line(4, differs=True),
    )

    assert counts == vars(
        Counts(
            evaluations=5, versions=4, passed_then=2, blocked=1, blocked_serving=1,
            would_pass=1, not_judged=1, other_verdict=1,
        )
    )  # fmt: skip


def test_a_breached_version_counts_once_whichever_evaluation_it_passed_with():
    counts = told(
        line(1, "same", then="not_blessed", later_breached=True),
        line(1, "blocked", decides=False, later_breached=True),
        line(1, "same", decides=False, later_breached=True),
        line(2, "same", later_breached=True),
    )

    assert (counts["breached"], counts["breached_blocked"]) == (2, 1)


def test_what_hurts_most_is_read_first():
    lines = [
        line(1, "blocked", is_serving=True),
        line(2, "blocked", later_breached=True),
        line(3, "blocked"),
        line(4, "would_pass", then="not_blessed"),
        line(5, "same", differs=True),
        line(6, "same"),
        line(7, "not_judged", then=""),
        line(1, "blocked", is_serving=True, decides=False),
    ]

    ranks = [rank(one) for one in lines]

    assert ranks == sorted(set(ranks))
