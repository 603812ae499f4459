"""Exceptions for tests: Mo owns the model and asks, Rui and Bo grant, Ada built it, Cy is a stranger."""

from datetime import timedelta

from django.utils import timezone

from governance.blessing.exempting import ask_exception
from governance.exceptions import asking, services
from governance.exceptions.models import RuleException
from governance.policies import services as policies
from governance.usecases import services as usecases
from registry import services as registry
from tests.accounts.factories import PASSWORD, person
from tests.policies.factories import policy_text, put_in_force

REASON = "Too few young applicants yet."
COMPENSATION = "Each refusal of a young applicant is read by a person."
RULE = "four fifths: ratio(selection_rate, age_group) at least 0.80"
DIGEST = "sha256:" + "0" * 64


def today(**delta):
    return timezone.localdate() + timedelta(**delta)


def governed(slug="credit", *, tier=1, extra="", **holders):
    """Bo's use case with its model and a published policy of the same tier."""
    bo, pol = person("bo"), person("pol", "policy editor")
    people = {"DS": [person("ada")], "MO": [person("mo")], "RV": [person("rui")], "BO": [bo]}
    case = usecases.open_use_case(
        actor=bo, slug=slug, title=slug.title(), tier=tier, holders={**people, **holders}
    )
    model = registry.create_model(f"{slug}-scoring", actor=person("ada"))
    usecases.adopt_model(case, model, actor=person("root", "administrator"))
    text = policy_text(
        "auc floor: auc at least 0.75",
        RULE,
        name=slug,
        applies_to=f"{{tiers: [{tier}], use_cases: [{slug}]}}",
    )
    put_in_force(policies.draft(slug, text + extra, actor=pol))
    return model


def version_of(model):
    return registry.create_version(model, actor=person("ada"), source="s3://models/1")


def row(version=None, **changes):
    """An exception as it stands in the database, whatever way it came there."""
    version = version or version_of(governed())
    slug = version.model.name.removesuffix("-scoring")
    return RuleException.objects.create(
        **{
            "version": version,
            "scope": f"use-case:{slug}",
            "use_case_title": slug.title(),
            "tier": 1,
            "policy_name": slug,
            "policy_label": f"{slug} v1",
            "rule_name": "four fifths",
            "rule_text": RULE,
            "outcome": "fail",
            "sentence": "The ratio is 0.62; at least 0.80 is asked.",
            "evidence_digest": DIGEST,
            "reason": REASON,
            "compensation": COMPENSATION,
            "until": today(days=30),
            "asked_by": person("mo"),
            "asked_by_name": "Mo",
            **changes,
        }
    )


def asked(version=None, *, actor=None, rule=RULE, **changes):
    """Mo asks for four fifths of the version; the verdict says so far nothing."""
    version = version or version_of(governed())
    slug = version.model.name.removesuffix("-scoring")
    red = asking.RedRule(
        rule_name=rule.partition(":")[0],
        rule_text=rule,
        outcome="fail",
        sentence="The ratio is 0.62; at least 0.80 is asked.",
        policy_name=slug,
        evidence_digest=DIGEST,
    )
    return asking.ask(
        version,
        red,
        actor=actor or person("mo"),
        **{
            "reason": REASON,
            "compensation": COMPENSATION,
            "until": today(days=60),
            **changes,
        },
    )


def ask_about(blessing, position=0, **changes):
    """Mo asks about the red rule at the position of a verdict."""
    return ask_exception(
        blessing,
        position,
        actor=person("mo"),
        **{
            "reason": REASON,
            "compensation": COMPENSATION,
            "until": today(days=60),
            **changes,
        },
    )


def sign(
    exception,
    username,
    *,
    decision="grant",
    reason="I answer for it.",
    password=PASSWORD,
    **more,
):
    return services.sign(
        exception,
        actor=person(username),
        decision=decision,
        reason=reason,
        password=password,
        **more,
    )


def granted(version=None, **changes):
    """Asked for by Mo, granted by Rui, and in tier 1 by Bo."""
    exception = asked(version, **changes)
    sign(exception, "rui")
    if exception.tier == 1:
        sign(exception, "bo")
    exception.refresh_from_db()
    return exception
