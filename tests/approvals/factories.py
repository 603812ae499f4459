"""Requests for tests: Ada builds and asks, Rui validates, Bo approves, Sam advises, Cy is a stranger."""

from dataclasses import dataclass

from django.utils import timezone

from governance.approvals import services
from governance.approvals.models import Request
from governance.blessing.models import Blessing
from governance.evaluation.models import Evaluation
from governance.policies import services as policies
from governance.policies.models import PolicyVersion
from governance.usecases import services as usecases
from governance.usecases.models import UseCase
from registry import services as registry
from registry.models import ModelVersion
from tests.accounts.factories import PASSWORD, person
from tests.policies.factories import put_in_force

__all__ = ["PASSWORD", "Story", "open_request", "person", "policy", "sign", "story"]

TEXT = """\
policy: {name}
applies_to: {{tiers: [1]}}
rules: ["auc floor: auc at least 0.75"]
approvals:
{steps}
{consult}
separation: {{requester: {requester}, contributors: {contributors}}}
{signature}
valid_for: 365 days
{more}
"""
VALIDATION = "{step: validation, activity: independent_validation, duty: R, meaning: validated}"
RELEASE = (
    "{step: release, activity: approve_release, duty: A, meaning: approved, due_in: 5 days}"
)
EVIDENCE = {
    "version": {"label": "credit-scoring v1", "digest": ""},
    "auc": {"value": 0.79, "low": 0.74, "high": 0.84},
    "n": 400,
}
REASON = "The evidence answers the need."


@dataclass(frozen=True)
class Story:
    """A blessed version in a use case, ready to be asked for."""

    use_case: UseCase
    version: ModelVersion
    policy: PolicyVersion
    blessing: Blessing


def policy(
    *steps,
    name="credit",
    consult="consult: {duty: C, due_in: 3 days}",
    requester="may not vote",
    contributors="may not vote",
    signature="",
    more="",
):
    editor = person("pol", "policy editor")
    text = TEXT.format(
        name=name,
        steps="\n".join(f"  - {step}" for step in steps or (VALIDATION, RELEASE)),
        consult=consult,
        requester=requester,
        contributors=contributors,
        signature=signature,
        more=more,
    )
    return put_in_force(policies.draft(name, text, actor=editor))


def story(slug="credit", *, steps=(), rules=None, evaluator=None, **holders):
    """Bo's use case with Ada's blessed version; `RV=[rui, ray]` names other holders of a role."""
    ada, bo = person("ada"), person("bo")
    people = {"DS": [ada], "RV": [person("rui")], "SEC": [person("sam")], "BO": [bo]}
    case = usecases.open_use_case(
        actor=bo, slug=slug, title=slug.title(), holders={**people, **holders}
    )
    model = registry.create_model(f"{slug}-scoring", actor=ada)
    root = person("root", "administrator")
    usecases.adopt_model(case, model, actor=root)
    version = registry.create_version(model, actor=ada, source="s3://models/1")
    return judged(case, version, rules or policy(*steps, name=slug), by=evaluator or ada)


def judged(case, version, rules, *, by, verdict="blessed"):
    evaluation = Evaluation.objects.create(
        version=version,
        dataset_name="hold-out",
        source_kind="path",
        source="hold-out.csv",
        columns={"score": "score", "label": "label"},
        state="finished",
        created_by=by,
        finished_at=timezone.now(),
    )
    blessing = Blessing.objects.create(
        version=version,
        evaluation=evaluation,
        policy_version=rules,
        verdict=verdict,
        sentence=f"Blessed against {rules.label}.",
        frozen={},
        digest="sha256:" + "0" * 64,
        code_version="test",
    )
    return Story(case, version, rules, blessing)


def open_request(told=None, *, actor=None, **changes) -> Request:
    told = told or story()
    asked = {
        "actor": actor or person("ada"),
        "evidence": EVIDENCE,
        "policy_version": told.policy,
        "blessing": told.blessing,
        "scope": told.use_case.scope,
        "pointer": "champion",
        "statement": "It beats the champion.",
    }
    return services.open_request(told.version, **{**asked, **changes})


def sign(
    request,
    username,
    *,
    step=None,
    decision="approve",
    reason=REASON,
    password=PASSWORD,
    **more,
):
    """Signs the named step, or the one that is open."""
    request = Request.objects.get(pk=request.pk)
    wanted = request.steps.get(name=step) if step else request.current_step
    return services.vote(
        wanted,
        actor=person(username),
        decision=decision,
        reason=reason,
        password=password,
        **more,
    )
