"""What those who sign will see: one frozen, self-contained account of the version; judges nothing."""

from dataclasses import asdict

from django.db.models import QuerySet
from django.utils.text import get_text_list

from governance.accounts.models import User
from governance.blessing.contributors import contributions_to
from governance.blessing.models import Blessing
from governance.blessing.queries import exceptions_under
from governance.blessing.verdicts import SUFFICIENT
from governance.cards import render
from governance.evaluation.models import Measurement
from governance.exceptions.models import RuleException
from governance.release.changes import changes
from governance.release.models import Clearance
from governance.release.standing import Standing
from governance.usecases.models import Kpi, UseCase
from governance.usecases.queries import kpis_with_series
from registry.models import ModelVersion
from registry.queries import present_digest

FORMAT = 1
FIGURE = (
    "metric", "slice_field", "slice_value", "value", "low", "high", "method", "n", "positives",
    "unit", "direction",
)  # fmt: skip
RULE = (
    "name", "text", "severity", "outcome", "sentence", "value", "low", "high", "n",
    "positives", "bound", "slice", "exception",
)  # fmt: skip


def freeze(standing: Standing) -> dict:
    """Copies everything the decision rests on, so that it reads the same in ten years."""
    blessing = standing.blessing
    account = {
        "format": FORMAT,
        "sentence": blessing.sentence,
        "pointer": {"kind": str(standing.pointer_kind), "name": standing.pointer},
        "version": _version(standing.version),
        "serving_now": standing.serving.label if standing.serving else "",
        "use_case": use_case_account(standing.protection.use_case),
        "policy": _policy(standing),
        "evaluation": _evaluation(blessing),
        "blessing": _blessing(blessing),
        "card": render.json(standing.card),
        "contributors": _contributors(blessing),
    }
    return account | {"changes": _changes(standing.served_account, account)}


def freeze_retirement(standing: Standing) -> dict:
    """What who decides on the end of a version should know: since when it serves, and what hangs on it."""
    version, clearance = standing.version, standing.assessment.clearance
    return {
        "format": FORMAT,
        "sentence": _serving(standing, clearance),
        "pointer": {"kind": str(standing.pointer_kind), "name": standing.pointer},
        "version": _version(version),
        "use_case": use_case_account(standing.protection.use_case),
        "policy": _policy(standing),
        "facts": [
            {"title": title, "text": text}
            for title, text in [
                ("Verdict", standing.blessing.sentence if standing.blessing else "None."),
                (
                    "To take its place",
                    _names(_successors(version)) or "No newer version is blessed.",
                ),
                ("Built upon it", _names(version.children.live()) or "No other version."),
            ]
        ],
    }


def _serving(standing: Standing, clearance: Clearance | None) -> str:
    served = f"{standing.version.label} serves as {standing.pointer}"
    if clearance is None:
        return f"{served} without ever having been cleared."
    until = f"{clearance.valid_until:%d %B %Y}"
    if clearance.state == Clearance.State.VALID:
        return f"{served}, cleared on {clearance.valid_from:%d %B %Y} until {until}."
    return f"{served}; its clearance has {clearance.get_state_display().lower()}."


def _successors(version: ModelVersion) -> QuerySet[ModelVersion]:
    """Newer versions of the model that some policy blessed."""
    newer = version.model.versions.live().filter(number__gt=version.number)
    return newer.filter(blessings__verdict__in=SUFFICIENT).distinct()


def _names(versions: QuerySet[ModelVersion]) -> str:
    return get_text_list([one.label for one in versions.select_related("model")[:20]], "and")


def _changes(served: dict | None, account: dict) -> list[dict]:
    """What differs from what those who signed for the version that serves now saw."""
    found = changes(served, account) if served else []
    return [asdict(one) for one in found]


def _version(version: ModelVersion) -> dict:
    return {
        "label": version.label,
        "model": version.model.name,
        "number": version.number,
        "source": version.source,
        "digest": version.digest,
        "artifact_digest": present_digest(version),
        "run_id": version.run_id,
        "code_commit": version.code_commit,
        "training_data": version.training_data,
        "training_data_digest": version.training_data_digest,
        "parent": version.parent.label if version.parent else "",
        "created_by": str(version.created_by),
        "created_at": version.created_at.isoformat(),
    }


def _contributors(blessing: Blessing) -> list[dict]:
    """Who made the version, gave evidence for it or wrote its card, and whether that keeps them apart."""
    parts = [(one.user_id, one.part, True) for one in contributions_to(blessing)]
    authors = blessing.version.card_revisions.order_by("author").distinct("author")
    parts += [
        (pk, "wrote on its card", False) for pk in authors.values_list("author", flat=True)
    ]
    people = User.objects.in_bulk({pk for pk, _part, _apart in parts})
    return [
        {"name": people[pk].display_name, "part": part, "kept_apart": kept_apart}
        for pk, part, kept_apart in dict.fromkeys(parts)
    ]


def use_case_account(use_case: UseCase) -> dict:
    """What is written about a use case, with its KPIs and their latest values."""
    return {
        "slug": use_case.slug,
        "title": use_case.title,
        "need": use_case.need,
        "tier": use_case.tier,
        "costs": use_case.costs,
        "cost_unit": use_case.cost_unit,
        "kpis": [_kpi(kpi) for kpi in kpis_with_series(use_case)],
    }


def _kpi(kpi: Kpi) -> dict:
    latest = kpi.series[-1] if kpi.series else None
    return {
        "title": kpi.title,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "target": kpi.target,
        "baseline": kpi.baseline,
        "latest": latest.value if latest else None,
        "latest_until": latest.period_end.isoformat() if latest else "",
    }


def _policy(standing: Standing) -> dict:
    policy = standing.protection.policy_version
    return {"name": policy.policy.name, "number": policy.number, "digest": policy.digest}


def _evaluation(blessing: Blessing) -> dict:
    evaluation = blessing.evaluation
    overall: list[Measurement] = list(evaluation.measurements.overall())
    return {
        "id": str(evaluation.pk),
        "dataset": evaluation.dataset,
        "data_digest": evaluation.data_digest,
        "rows": evaluation.rows,
        "positives": evaluation.positives,
        "threshold": evaluation.threshold if evaluation.has_threshold else None,
        "figures": [{name: getattr(row, name) for name in FIGURE} for row in overall],
    }


def _blessing(blessing: Blessing) -> dict:
    baseline = blessing.baseline_version
    return {
        "id": blessing.pk,
        "digest": blessing.digest,
        "verdict": blessing.verdict,
        "sentence": blessing.sentence,
        "code_version": blessing.code_version,
        "baseline": baseline.label if baseline else "",
        "comparison": blessing.comparison,
        "rules": [
            {name: getattr(row, name) for name in RULE} for row in blessing.results.all()
        ],
        "exceptions": [_exception(one) for one in exceptions_under(blessing)],
    }


def _exception(exception: RuleException) -> dict:
    """Who answers for going on although the rule is red, why, and until when."""
    return {
        "id": exception.pk,
        "rule": exception.rule_name,
        "text": exception.rule_text,
        "until": exception.until.isoformat(),
        "reason": exception.reason,
        "compensation": exception.compensation,
        "asked_by": exception.asked_by_name,
        "digest": exception.digest,
        "granted_by": [
            {
                "name": one.user_name,
                "capacity": one.capacity,
                "reason": one.reason,
                "signed_at": one.signed_at.isoformat(),
            }
            for one in exception.signatures.all()
            if one.is_grant
        ],
    }
