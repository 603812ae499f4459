"""Counts what a back-test came to and says it; pure functions of the lines."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from governance.backtests.models import Direction
from governance.blessing.verdicts import SUFFICIENT

# The order in which lines are read: what hurts most stands first.
RANKS = {
    Direction.BLOCKED: 30,
    Direction.WOULD_PASS: 40,
    Direction.SAME: 60,
    Direction.NOT_JUDGED: 70,
}


@dataclass(frozen=True)
class Counts:
    """Versions are counted by their newest evaluation, except those whose clearance ended early.

    `breached` are versions that passed with any evaluation and later lost their clearance before
    its time; `breached_blocked` those of them that the text would have blocked then.
    """

    evaluations: int = 0
    versions: int = 0
    passed_then: int = 0
    blocked: int = 0
    blocked_serving: int = 0
    would_pass: int = 0
    not_judged: int = 0
    other_verdict: int = 0
    breached: int = 0
    breached_blocked: int = 0


def rank(line: dict[str, Any]) -> int:
    """Blocked and serving, blocked and later breached, blocked, would pass, another verdict, the rest.

    Lines that do not decide come after those that do.
    """
    place = RANKS[Direction(line["direction"])]
    if line["direction"] == Direction.BLOCKED:
        place -= 20 if line["is_serving"] else 10 if line["later_breached"] else 0
    elif line["direction"] == Direction.SAME and line["differs"]:
        place -= 10
    return place + (0 if line["decides"] else 100)


class Tally:
    """Takes line after line, version by version, and never keeps more than the keys of breached ones."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._breached: set[int] = set()
        self._caught: set[int] = set()

    def add(self, line: dict[str, Any]) -> None:
        self._counted["evaluations"] += 1
        passed = line["verdict_then"] in SUFFICIENT
        blocked = line["direction"] == Direction.BLOCKED
        if passed and line["later_breached"]:
            self._breached.add(line["version_id"])
            if blocked:
                self._caught.add(line["version_id"])
        if not line["decides"]:
            return
        self._counted["versions"] += 1
        self._counted["passed_then"] += passed
        self._counted["blocked"] += blocked
        self._counted["blocked_serving"] += blocked and line["is_serving"]
        self._counted["would_pass"] += line["direction"] == Direction.WOULD_PASS
        self._counted["not_judged"] += line["direction"] == Direction.NOT_JUDGED
        self._counted["other_verdict"] += (
            line["differs"] and line["direction"] == Direction.SAME
        )

    def counts(self) -> dict[str, int]:
        return asdict(
            Counts(
                **self._counted,
                breached=len(self._breached),
                breached_blocked=len(self._caught),
            )
        )


def headline(told: dict[str, int]) -> str:
    """“Would have blocked 7 of the 40 versions that passed then, 2 of them serving now.”"""
    counts = Counts(**told)
    return " ".join(
        part for part in (_blocked(counts), _let_through(counts), _breached(counts)) if part
    )


def _blocked(counts: Counts) -> str:
    if not counts.passed_then:
        return "None of these versions had passed then, so none could be blocked."
    if counts.passed_then == 1:
        return _only_one(counts)
    passed = f"{counts.passed_then:,} versions that passed then"
    if not counts.blocked:
        return f"Would have blocked none of the {passed}."
    serving = f"{counts.blocked_serving:,}" if counts.blocked_serving else "none"
    return (
        f"Would have blocked {counts.blocked:,} of the {passed}, {serving} of them serving now."
    )


def _only_one(counts: Counts) -> str:
    passed = "the one version that passed then"
    if not counts.blocked:
        return f"Would not have blocked {passed}."
    serving = "which serves now" if counts.blocked_serving else "which does not serve now"
    return f"Would have blocked {passed}, {serving}."


def _let_through(counts: Counts) -> str:
    if not counts.would_pass:
        return ""
    were = "was" if counts.would_pass == 1 else "were"
    return f"Would have let through {counts.would_pass} that {were} blocked."


def _breached(counts: Counts) -> str:
    if not counts.breached:
        return ""
    versions = (
        "1 version that passed later lost its clearance"
        if counts.breached == 1
        else f"{counts.breached} versions that passed later lost their clearance"
    )
    if counts.breached == 1:
        caught = "would have blocked it" if counts.breached_blocked else "would not have"
        return f"{versions} before its time: this text {caught}."
    caught = {0: "none", counts.breached: "all"}.get(
        counts.breached_blocked, str(counts.breached_blocked)
    )
    return f"{versions} before its time: this text would have blocked {caught} of them."
