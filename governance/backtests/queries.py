"""Reads over back-tests for screens; changes nothing."""

from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet

from governance.backtests.models import BackTest, BackTestLine
from governance.backtests.services import digest_of
from governance.blessing.models import RuleResult
from governance.policies.models import PolicyVersion

if TYPE_CHECKING:
    from governance.accounts.models import User


def newest_of_text(version: PolicyVersion, user: "User") -> BackTest | None:
    """The newest finished back-test of this very text that the person may see."""
    of_text = BackTest.objects.filter(digest=digest_of(version.whole_text))
    seen = of_text.visible_to(user).finished()
    return seen.select_related("job", "created_by").first()


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
