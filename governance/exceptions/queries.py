"""Reads over exceptions: which are in force, who may sign them, what waits for whom; changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.exceptions import rules, seats
from governance.exceptions.models import RuleException, RuleExceptionQuerySet
from governance.exceptions.rules import GRANTING, SEATS, Seat
from governance.policies.models import PolicyVersion
from governance.policies.queries import applicable_to_model
from governance.separation.rules import Standing
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion

ENDING_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """An exception that is one person's to sign, and why it is theirs."""

    exception: RuleException
    capacity: str


def takes_two_factors(exception: RuleException) -> bool:
    """Whether the policy whose rule is red asks for the password and a second factor."""
    policy = PolicyVersion.objects.labelled(exception.policy_label).first()
    return policy is not None and policy.parsed.takes_two_factors(exception.tier)


def in_force(version: ModelVersion, policy_name: str, on: date) -> RuleExceptionQuerySet:
    """The exceptions that cover rules of the policy for the version on that day."""
    return (
        RuleException.objects.in_force(on)
        .filter(version=version, policy_name=policy_name)
        .with_signatures()
        .order_by("pk")
    )


def frozen_in_force(version: ModelVersion, policy_name: str, on: date) -> list[dict]:
    """The same as plain values, to be frozen into a verdict; what was altered since it was signed is none."""
    return [
        {
            "id": one.pk,
            "rule": one.rule_name,
            "text": one.rule_text,
            "until": one.until.isoformat(),
            "granted_by": one.granted_by,
            "reason": one.reason,
            "digest": one.digest,
        }
        for one in in_force(version, policy_name, on)
        if one.is_intact
    ]


def ended(ids: Iterable[int], on: date) -> list[RuleException]:
    """Of the given exceptions those that do not hold on that day, revoked or past their last day."""
    given = RuleException.objects.filter(pk__in=list(ids)).select_related("version__model")
    return [one for one in given if not (one.is_granted and one.until >= on)]


def standing_of(version: ModelVersion) -> RuleExceptionQuerySet:
    """What is asked for or holds for the version today, what ends first in front."""
    standing = RuleException.objects.standing().filter(until__gte=timezone.localdate())
    return standing.filter(version=version).order_by("until", "pk")


def in_force_of(versions: QuerySet[ModelVersion]) -> RuleExceptionQuerySet:
    """What is in force today for any of the versions, the one that ends first in front."""
    today = timezone.localdate()
    found = RuleException.objects.in_force(today).filter(version__in=versions.values("pk"))
    return found.select_related("version__model").order_by("until", "pk")


def by_version(exceptions: Iterable[RuleException]) -> dict[int, list[RuleException]]:
    """The exceptions by the key of their version, in the order given."""
    found: dict[int, list[RuleException]] = {}
    for one in exceptions:
        found.setdefault(one.version_id, []).append(one)
    return found


def ending_first(user: User) -> RuleExceptionQuerySet:
    """What is in force today and the person may see, what ends first in front."""
    seen = RuleException.objects.visible_to(user).in_force(timezone.localdate())
    return seen.select_related("version__model").order_by("until", "pk")


def awaiting(user: User, duties: Iterable[raci.Duty] | None = None) -> list[Waiting]:
    """What is the person's to sign, what ends first in front; the queries do not grow with the rows."""
    duties = raci.duties(user) if duties is None else duties
    return among(asked_of(duties), user, duties)


def asked_of(duties: Iterable[raci.Duty]) -> list[RuleException]:
    """What is asked for where somebody with these duties could have to sign."""
    scopes = {duty.scope for duty in duties if seats.is_seat(duty)}
    return list(
        RuleException.objects.asked()
        .filter(scope__in=scopes, until__gte=timezone.localdate())
        .select_related("version__model__governed__use_case", "version__created_by")
        .prefetch_related("signatures")
        .order_by("until", "pk")
    )


def among(
    asked: Iterable[RuleException], user: User, duties: Iterable[raci.Duty]
) -> list[Waiting]:
    """Which of these are the person's to sign."""
    duties = [one for one in duties if seats.is_seat(one)]
    seats.read(asked)
    found = ((one, _person_facts(one, user, duties)) for one in asked)
    return [
        Waiting(one, facts.capacity)
        for one, facts in found
        if not (rules.not_entitled(facts) or facts.has_signed or facts.seat_is_taken_by)
    ]


def signing_refusals(exception: RuleException, user: User) -> list[str]:
    """Why the person may neither grant nor refuse now; empty when they may. What `sign` enforces."""
    return rules.may_sign(signing_facts(exception, user))


def signing_facts(
    exception: RuleException, user: User, duties: Iterable[raci.Duty] | None = None
) -> rules.SigningFacts:
    """Gathers what the rule needs about one person and today."""
    if duties is None:
        duties = raci.duties(user, exception.scope)
    limits = limits_of(exception.version)
    return _person_facts(
        exception,
        user,
        duties,
        until=exception.until,
        today=timezone.localdate(),
        asked_on=timezone.localdate(exception.asked_at),
        longest=rules.longest(seats.tier_of(exception), limits.at_most),
        policy=limits.facts(exception.policy_name, exception.rule_text),
        wanted=seats.wanted_for(exception, SEATS[seats.tier_of(exception)]),
    )


def _person_facts(
    exception: RuleException, user: User, duties: Iterable[raci.Duty], **more: object
) -> rules.SigningFacts:
    seat = seats.seat_for(exception, user, duties)
    signatures = exception.signatures.all()
    standing = seats.standing_in(exception, seat, duties, user) if seat else Standing()
    return rules.SigningFacts(
        state=exception.state,
        capacity=standing.capacity.words if standing.capacity else "",
        not_in_place_of=standing.refused,
        signed_for_by=next(
            (one.user_name for one in signatures if one.stands_for_id == user.pk), ""
        ),
        seat_is_taken_by=seats.taken_in(exception).get(seat.activity, "") if seat else "",
        is_asker=exception.asked_by_id == user.pk,
        contributions=[
            part for user_id, part in seats.contributions_to(exception) if user_id == user.pk
        ],
        has_signed=any(one.user_id == user.pk for one in signatures),
        **more,
    )


@dataclass(frozen=True)
class Limits:
    """The policy that applies to a version today, as far as exceptions go."""

    policy_version: PolicyVersion | None
    reason: str

    @property
    def at_most(self) -> timedelta | None:
        return self.policy_version.parsed.exceptions.at_most if self.policy_version else None

    def facts(self, policy_name: str, rule_text: str) -> rules.PolicyFacts:
        found = self.policy_version
        if found is None:
            return rules.PolicyFacts("No policy", governs=False)
        return rules.PolicyFacts(
            found.label,
            governs=found.policy.name == policy_name,
            has_rule=any(str(one) == rule_text for one in found.parsed.rules),
            allows=found.parsed.exceptions.allowed,
        )


def limits_of(version: ModelVersion) -> Limits:
    found = applicable_to_model(version.model)
    return Limits(found.policy_version, found.reason)


def last_day(version: ModelVersion) -> date | None:
    """The latest day an exception asked for today may last; None for an ungoverned model."""
    use_case = use_case_of(version.model)
    if use_case is None:
        return None
    longest = rules.longest(use_case.tier, limits_of(version).at_most)
    return timezone.localdate() + longest


def asker_refusals(user: User, use_case: UseCase) -> list[str]:
    """Why the person may not ask for exceptions in the use case; empty when they may."""
    if raci.duty_of(user, use_case.scope, GRANTING, "R"):
        return []
    [words] = seats.wanted(use_case.scope, use_case.title, [Seat(GRANTING, "R")]).values()
    able = [one.display_name for one in raci.holders(use_case.scope, GRANTING, "R")]
    return [f"You are not {words}; {' or '.join(able) or 'nobody'} may ask for it."]


def asking_refusals(
    version: ModelVersion, user: User, *, limits: Limits | None = None
) -> list[str]:
    """Why the person may not ask for any exception for the version; empty when they may.

    Who knows already which policy applies may hand it in as `limits`.
    """
    use_case = use_case_of(version.model)
    if use_case is None:
        return [f"{version.model.name} is ungoverned: adopt it into a use case first."]
    limits = limits or limits_of(version)
    if limits.policy_version is None:
        return [limits.reason]
    if not limits.policy_version.parsed.exceptions.allowed:
        return [f"{limits.policy_version.label} allows no exceptions."]
    return asker_refusals(user, use_case)


def withdrawal_refusals(exception: RuleException, user: User) -> list[str]:
    if exception.asked_by_id == user.pk or is_administrator(user):
        return []
    return [f"Only {exception.asked_by_name}, who asked, or an administrator may withdraw it."]


def revocation_refusals(exception: RuleException, user: User) -> list[str]:
    """Why the person may not take a granted exception back; empty when they may."""
    duties = raci.duties(user, exception.scope)
    if is_administrator(user) or any(seats.carries(duties, seat) for seat in rules.REVOKING):
        return []
    words = seats.wanted_for(exception, rules.REVOKING)
    return [f"Revoking takes who is {' or '.join(words)}."]
