"""Reads over exceptions: which are in force, who may sign them, what waits for whom; changes nothing."""

from datetime import date

from governance.exceptions.models import RuleException, RuleExceptionQuerySet
from registry.models import ModelVersion


def in_force(version: ModelVersion, policy_name: str, on: date) -> RuleExceptionQuerySet:
    """The exceptions that cover rules of the policy for the version on that day."""
    return (
        RuleException.objects.in_force(on)
        .filter(version=version, policy_name=policy_name)
        .with_signatures()
        .order_by("pk")
    )


def frozen_in_force(version: ModelVersion, policy_name: str, on: date) -> list[dict]:
    """The same as plain values, to be frozen into a verdict."""
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
    ]
