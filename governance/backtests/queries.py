"""Reads over back-tests for screens; changes nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Prefetch, QuerySet

from governance.backtests.models import BackTest, BackTestLine
from governance.backtests.selection import Selection
from governance.backtests.services import digest_of
from governance.backtests.tally import headline
from governance.blessing.models import RuleResult
from governance.policies.models import PolicyVersion

if TYPE_CHECKING:
    from governance.accounts.models import User


@dataclass(frozen=True)
class Tried:
    """What is known of trying a policy's very text on the past; `others` have, unseen by the reader."""

    test: BackTest | None
    others: bool

    @property
    def headline(self) -> str:
        return headline(self.test.counts) if self.test else ""

    @property
    def asked(self) -> str:
        return Selection.from_json(self.test.selection).sentence() if self.test else ""


def tried_on_the_past(version: PolicyVersion, user: "User") -> Tried:
    """The newest finished back-test of this very text that the person may see."""
    of_text = BackTest.objects.finished().filter(digest=digest_of(version.whole_text))
    seen = of_text.visible_to(user).select_related("job", "created_by").first()
    return Tried(seen, others=seen is None and of_text.exists())


def seen_lines(back_test: BackTest, user: "User") -> QuerySet[BackTestLine]:
    """The lines this person may see now, the worst first, with what names them."""
    lines = BackTestLine.objects.visible_to(user).filter(back_test=back_test)
    return lines.select_related(
        "version__model", "evaluation", "blessing__policy_version__policy"
    ).defer("blessing__frozen", "blessing__comparison")


def with_rules_then(lines: QuerySet[BackTestLine]) -> QuerySet[BackTestLine]:
    """The same with what each rule said then."""
    results = RuleResult.objects.defer("parts")
    return lines.prefetch_related(Prefetch("blessing__results", results))


class RulePair(NamedTuple):
    """One rule as it came out now and then; nothing on the side that did not ask it."""

    name: str
    now: dict | None
    then: RuleResult | None


def rule_pairs(line: BackTestLine) -> list[RulePair]:
    """The rules of the text that was tried; last those that it does not ask any more."""
    results = line.blessing.results.all() if line.blessing else []
    then = {result.name.lower(): result for result in results}
    pairs = [
        RulePair(rule["name"], rule, then.pop(rule["name"].lower(), None))
        for rule in line.rules
    ]
    return [*pairs, *(RulePair(gone.name, None, gone) for gone in then.values())]
