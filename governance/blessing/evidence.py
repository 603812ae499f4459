"""Gathers what a judgement rests on from the database into frozen inputs; judges nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from governance.blessing.facts import Facts, facts_of, infra_facts
from governance.blessing.figures import PAIRED_RATIO, Difference, Figure
from governance.blessing.frozen import (
    CODE_VERSION,
    DIFFERENCE,
    FIGURE,
    FORMAT,
    difference_json,
    figure_json,
)
from governance.blessing.queries import latest_blessed
from governance.errors import Invalid
from governance.evaluation.comparison import FIRST, compare
from governance.evaluation.models import Evaluation, Measurement
from governance.evaluation.tasks import measured_anew
from governance.exceptions.queries import frozen_in_force
from governance.policies import document
from governance.policies.models import PolicyVersion
from governance.policies.rules import Rule
from registry.models import Alias, ModelVersion


@dataclass(frozen=True)
class FoundBaseline:
    """The version to compare with, its evaluation on the same rows and its figures there.

    `is_anew`: the figures are not the stored ones but were measured for the question asked today.
    """

    sentence: str = ""
    version: ModelVersion | None = None
    evaluation: Evaluation | None = None
    rows: Sequence[Measurement] = ()
    is_anew: bool = False

    @property
    def state(self) -> str:
        if self.version is None:
            return "none"
        return "measured" if self.evaluation else "unmeasured"


@dataclass(frozen=True)
class Gathered:
    """The inputs of one judgement, ready to be frozen, and the rows they came from."""

    evaluation: Evaluation
    policy_version: PolicyVersion
    baseline: FoundBaseline
    inputs: dict


def gather(evaluation: Evaluation, policy_version: PolicyVersion, *, today: date) -> Gathered:
    """Collects measurements, baseline and paired comparison; reads files, writes nothing."""
    policy = policy_version.parsed
    found = find_baseline(evaluation, policy.baseline)
    facts = facts_of(evaluation, policy.rules)
    inputs = {
        "format": FORMAT,
        "code_version": CODE_VERSION,
        "judged_on": today.isoformat(),
        "version": _version_json(evaluation.version),
        "policy": _policy_json(policy_version),
        "evaluation": _evaluation_json(evaluation),
        "measurements": _measurements(evaluation.measurements.all(), policy.rules, facts),
        "missing": facts.missing,
        "sources": facts.sources,
        "exceptions": frozen_in_force(evaluation.version, policy_version.policy.name, on=today),
        "age_days": _age_days(evaluation, today),
        "baseline": _baseline_json(evaluation, found, policy.rules),
    }
    return Gathered(evaluation, policy_version, found, inputs)


def find_baseline(evaluation: Evaluation, wanted: document.Baseline) -> FoundBaseline:
    """Finds the version to compare with, and its figures on the very same rows.

    What was measured there with other costs, for another favourable outcome or without the slices
    is measured again for the question asked today.
    """
    version, sentence = _baseline_version(evaluation.version, wanted)
    if version is None:
        return FoundBaseline(sentence)
    on_same_rows = (
        Evaluation.objects.finished()
        .filter(version=version, rows_digest=evaluation.rows_digest)
        .order_by("-finished_at")
    )
    same_question = on_same_rows.filter(
        costs=evaluation.costs,
        favourable=evaluation.favourable,
        parameters=evaluation.parameters,
        columns__slices=evaluation.columns.get("slices", []),
    ).first()
    if same_question:
        return FoundBaseline("", version, same_question, same_question.measurements.all())
    newest = on_same_rows.first()
    if newest and newest.is_reported:
        return FoundBaseline("", version, newest, newest.measurements.all())
    if newest:
        return _asked_anew(version, newest, evaluation)
    sentence = (
        f"{version.label} was not evaluated on these rows; evaluate it on "
        f"{evaluation.dataset} first"
    )
    return FoundBaseline(sentence, version)


def _asked_anew(
    version: ModelVersion, newest: Evaluation, evaluation: Evaluation
) -> FoundBaseline:
    try:
        rows = measured_anew(newest, like=evaluation)
    except Invalid as error:
        sentence = (
            f"{version.label} was measured on these rows for another question, and cannot be "
            f"measured for this one: {error.sentence.rstrip('.')}; evaluate it again"
        )
        return FoundBaseline(sentence, version)
    return FoundBaseline("", version, newest, rows, is_anew=True)


def _baseline_version(
    version: ModelVersion, wanted: document.Baseline
) -> tuple[ModelVersion | None, str]:
    model = version.model
    match wanted.kind:
        case "alias":
            alias = Alias.objects.filter(model=model, name=wanted.alias).first()
            found = alias.version if alias else None
            return found, f"no version of {model.name} is {wanted.alias} yet"
        case "version":
            found = model.versions.filter(number=wanted.number, deleted_at=None).first()
            return found, f"{model.name} has no version {wanted.number}"
    found = latest_blessed(model, before=version)
    return found, f"no other version of {model.name} has been blessed before"


def _measurements(
    rows: Iterable[Measurement], rules: Sequence[Rule], facts: Facts
) -> list[dict]:
    """Returns every overall figure, of the groups what the rules ask for, and the facts."""
    rows = sorted(rows, key=lambda row: (row.metric, row.slice_field, row.slice_value))
    figures = [
        Figure(**{name: getattr(row, name) for name in FIGURE})
        for row in rows
        if not row.slice_field or is_asked_for(rules, row.metric, row.slice_field)
    ]
    return [figure_json(figure) for figure in (*figures, *facts.figures)]


def is_asked_for(rules: Sequence[Rule], metric: str, slice_field: str) -> bool:
    """Whether any rule speaks of the metric in the groups of the field, or of the crossing."""
    return any(
        rule.metric == metric and slice_field in (*rule.slice_names, rule.field)
        for rule in rules
    )


def _baseline_json(evaluation: Evaluation, found: FoundBaseline, rules: Sequence[Rule]) -> dict:
    measured = found.evaluation
    return {
        "state": found.state,
        "label": found.version.label if found.version else "",
        "sentence": found.sentence,
        "version": _version_json(found.version) if found.version else None,
        "evaluation": _evaluation_json(measured) if measured else None,
        "measured_anew": found.is_anew,
        "measurements": _measurements(found.rows, rules, _baseline_facts(found, rules))
        if measured
        else [],
        "differences": _differences(evaluation, measured, rules) if measured else [],
    }


def _baseline_facts(found: FoundBaseline, rules: Sequence[Rule]) -> Facts:
    return infra_facts(found.version, [rule for rule in rules if rule.is_relative])


def _differences(
    evaluation: Evaluation, other: Evaluation, rules: Sequence[Rule]
) -> list[dict]:
    """Freezes what people ask about first, and of the rest what the rules ask for."""
    metrics = {rule.metric for rule in rules}
    has_fields = any(rule.fields for rule in rules if rule.is_relative)
    return [
        difference_json(Difference(**{name: getattr(one, name) for name in DIFFERENCE}))
        for one in compare(evaluation, other, slices=has_fields)
        if (not one.slice_field and one.metric in metrics.union(FIRST))
        or (one.slice_field and is_asked_for(rules, _paired(one.metric), one.slice_field))
    ]


def _paired(metric: str) -> str:
    """A ratio of two groups is paired under a name of its own."""
    return "selection_rate" if metric == PAIRED_RATIO else metric


def _age_days(evaluation: Evaluation, today: date) -> int | None:
    return (today - evaluation.period_end).days if evaluation.period_end else None


def _version_json(version: ModelVersion) -> dict:
    return {"model": version.model.name, "number": version.number, "digest": version.digest}


def _policy_json(policy_version: PolicyVersion) -> dict:
    return {
        "name": policy_version.policy.name,
        "number": policy_version.number,
        "digest": policy_version.digest,
        "text": policy_version.whole_text,
    }


def _evaluation_json(evaluation: Evaluation) -> dict:
    return {
        "id": str(evaluation.pk),
        "dataset_name": evaluation.dataset_name,
        "dataset_version": evaluation.dataset_version,
        "data_digest": evaluation.data_digest,
        "rows_digest": evaluation.rows_digest,
        "rows": evaluation.rows,
        "positives": evaluation.positives,
        "threshold": evaluation.threshold,
        "costs": evaluation.costs,
        "favourable": evaluation.favourable,
        "period_end": evaluation.period_end.isoformat() if evaluation.period_end else None,
        "code_version": evaluation.code_version,
    }
