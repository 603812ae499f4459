"""Asking for an exception: who may, until when, and whether anybody could grant it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.exceptions import mails, queries, rules, seats
from governance.exceptions.models import RuleException
from governance.exceptions.moving import expire_now, lock_model
from governance.reasons import sentence
from governance.separation.makers import makers_of
from governance.separation.rules import Contribution
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion


@dataclass(frozen=True)
class RedRule:
    """The rule to be excepted, as the verdict under `evidence_digest` has it."""

    policy_name: str
    rule_name: str
    rule_text: str
    outcome: str
    sentence: str
    evidence_digest: str


@dataclass(frozen=True)
class Asked:
    """What one person asks for, before it is decided whether it may be asked."""

    version: ModelVersion
    rule: RedRule
    use_case: UseCase
    limits: queries.Limits
    until: date
    actor: User
    contributions: Sequence[Contribution]

    @property
    def askers(self) -> list[Contribution]:
        duties = raci.duties(self.actor, self.use_case.scope)
        may_ask = [
            one for one in duties if one.activity_key == rules.GRANTING and one.carries("R")
        ]
        duty = min(may_ask, key=lambda one: bool(one.deputy_of_id), default=None)
        return seats.asked_by(self.actor.pk, self.actor.display_name, duty)

    @property
    def parts(self) -> list[Contribution]:
        """Who made the version, who gave the evidence, and in whose place it is asked for."""
        made = makers_of([self.version.pk]).get(self.version.pk, [])
        return list(dict.fromkeys([*made, *self.contributions, *self.askers[1:]]))

    @property
    def gaps(self) -> list[str]:
        """Why nobody could grant it, as the matrix stands now."""
        case = self.use_case
        barred = seats.barred(self.askers, self.parts)
        return rules.gaps(seats.planned(case.scope, case.title, case.tier, barred))


def ask(
    version: ModelVersion,
    rule: RedRule,
    *,
    actor: User,
    reason: str,
    compensation: str,
    until: date,
    contributions: Sequence[Contribution] = (),
) -> RuleException:
    """Asks that the version may go on until a day although the rule is red.

    Refuses who is not Responsible for exceptions, a policy that allows none, a day too far away, a
    second one for the same rule, and signatures that nobody could give.
    """
    reason = sentence(reason, "reason")
    compensation = sentence(compensation, "compensation")
    with (
        audit.refusals_recorded(
            Event.EXCEPTION_ASKED, version, actor=actor, rule=rule.rule_name
        ),
        transaction.atomic(durable=True),
    ):
        version = _locked(version)
        use_case, limits = _governing(version), queries.limits_of(version)
        asked = Asked(version, rule, use_case, limits, until, actor, contributions)
        _refuse_stranger(asked)
        _refuse_policy(asked)
        _refuse_end(asked)
        _expire_overdue_of(version)
        _refuse_second(asked)
        _refuse_gaps(asked)
        exception = _create(asked, reason=reason, compensation=compensation)
        _record(exception)
        mails.ask_signers(exception)
    return exception


def _locked(version: ModelVersion) -> ModelVersion:
    """The live version under the lock of its model, so that two questions are asked in turn."""
    lock_model(version.pk)
    live = ModelVersion.objects.live().select_related("model").filter(pk=version.pk).first()
    if live is None:
        raise Conflict(f"{version} was deleted.")
    return live


def _governing(version: ModelVersion) -> UseCase:
    use_case = use_case_of(version.model)
    if use_case is None:
        raise Conflict(
            f"{version.model.name} is ungoverned: adopt it into a use case first.",
            code="ungoverned",
        )
    return use_case


def _refuse_stranger(asked: Asked) -> None:
    if reasons := queries.asker_refusals(asked.actor, asked.use_case):
        raise NotAllowed(reasons[0], reasons=reasons)


def _refuse_policy(asked: Asked) -> None:
    facts = asked.limits.facts(asked.rule.policy_name, asked.rule.rule_text)
    if reasons := rules.policy_obstacles(facts):
        raise Conflict(reasons[0], code="policy", reasons=reasons)


def _refuse_end(asked: Asked) -> None:
    longest = rules.longest(asked.use_case.tier, asked.limits.at_most)
    if reasons := rules.bad_end(asked.until, today=timezone.localdate(), longest=longest):
        raise Invalid(reasons[0], field="until")


def _expire_overdue_of(version: ModelVersion) -> None:
    """What is overdue must not keep its successor from being asked for."""
    overdue = RuleException.objects.overdue(timezone.localdate()).filter(version=version)
    for exception in overdue.with_signatures():
        expire_now(exception)


def _refuse_second(asked: Asked) -> None:
    rule = asked.rule
    standing = RuleException.objects.standing().filter(
        version=asked.version, policy_name=rule.policy_name, rule_text=rule.rule_text
    )
    if present := standing.first():
        words = (
            f"is granted until {rules.long_date(present.until)}"
            if present.is_granted
            else f"was asked for by {present.asked_by_name}"
        )
        raise Conflict(
            f"An exception for “{rule.rule_name}” {words} already.",
            code="exception_stands",
            link=present.get_absolute_url(),
        )


def _refuse_gaps(asked: Asked) -> None:
    if reasons := asked.gaps:
        raise Conflict(
            " ".join(reasons),
            code="nobody_to_grant",
            reasons=reasons,
            link=asked.use_case.get_absolute_url(),
        )


def _create(asked: Asked, *, reason: str, compensation: str) -> RuleException:
    return RuleException.objects.create(
        version=asked.version,
        scope=asked.use_case.scope,
        use_case_title=asked.use_case.title,
        tier=asked.use_case.tier,
        policy_label=asked.limits.policy_version.label,
        **asdict(asked.rule),
        contributions=[{"user": user, "part": part} for user, part in asked.parts],
        reason=reason,
        compensation=compensation,
        until=asked.until,
        asked_by=asked.actor,
        asked_by_name=asked.actor.display_name,
    )


def _record(exception: RuleException) -> None:
    copied = ("rule_text", "outcome", "until", "evidence_digest", "digest", "reason")
    told = {name: getattr(exception, name) for name in copied}
    audit.record(Event.EXCEPTION_ASKED, exception, actor=exception.asked_by, **told)
