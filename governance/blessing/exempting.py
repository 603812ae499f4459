"""Asking for an exception from a verdict: only for what is red in the newest one; granting is not here."""

from datetime import date
from typing import TYPE_CHECKING

from governance.blessing.contributors import contributions_to
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.queries import latest_blessing
from governance.errors import Conflict, NotFound
from governance.exceptions import asking as exceptions
from governance.exceptions.models import RuleException

if TYPE_CHECKING:
    from governance.accounts.models import User


def ask_exception(
    blessing: Blessing,
    position: int,
    *,
    reason: str,
    compensation: str,
    until: date,
    actor: "User",
) -> RuleException:
    """Asks that the version may go on until a day although the rule at this position is red.

    Refuses an older verdict, a rule that does not stand in the way, and all that `exceptions` refuses.
    """
    result = exemptible(blessing, position)
    return exceptions.ask(
        blessing.version,
        exceptions.RedRule(
            rule_name=result.name,
            rule_text=result.text,
            outcome=result.outcome,
            sentence=result.sentence,
            policy_name=blessing.policy_version.policy.name,
            evidence_digest=blessing.digest,
        ),
        actor=actor,
        reason=reason,
        compensation=compensation,
        until=until,
        contributions=contributions_to(blessing),
    )


def exemptible(blessing: Blessing, position: int) -> RuleResult:
    """The red rule at the position, if an exception to it may be asked for at all."""
    result = blessing.results.filter(position=position).first()
    if result is None:
        raise NotFound("This verdict has no such rule.", code="rule_not_found")
    newest = latest_blessing(blessing.version)
    if newest is None or newest.pk != blessing.pk:
        raise Conflict(
            f"{blessing.version.label} has been judged again since; ask on the newest verdict.",
            code="older_verdict",
            link=blessing.version.get_absolute_url(),
        )
    if not result.stands_in_the_way:
        raise Conflict(
            f"“{result.name}” does not stand in the way: {result.sentence}",
            code="not_in_the_way",
        )
    return result
