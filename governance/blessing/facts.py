"""Facts that rules may ask for beside measured metrics: what an infra check found, and drift."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.blessing.figures import Figure
from governance.datasets.drift import Drifts, measure_drifts
from governance.datasets.models import DataSet
from governance.evaluation.models import Evaluation
from governance.infra.models import InfraCheck
from governance.infra.queries import figures_of, latest_check
from governance.policies.rules import Rule, render_measure
from governance.policies.vocabulary import INFRA
from registry.models import ModelVersion
from registry.queries import present_digest


@dataclass(frozen=True)
class Facts:
    """Figures, why others are missing (by the measure's text), and where they come from."""

    figures: list[Figure] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    sources: dict[str, object] = field(default_factory=dict)


def facts_of(evaluation: Evaluation, rules: Sequence[Rule]) -> Facts:
    """Gathers what the rules ask for and nothing else; drift reads files."""
    infra, drifted = infra_facts(evaluation.version, rules), _drift_facts(evaluation, rules)
    return Facts(
        [*infra.figures, *drifted.figures],
        infra.missing | drifted.missing,
        infra.sources | drifted.sources,
    )


def infra_facts(version: ModelVersion, rules: Sequence[Rule]) -> Facts:
    """What the newest infra check measured, if it passed and looked at the version's own artifact."""
    wanted = {rule.metric for rule in rules} & INFRA
    if not wanted:
        return Facts()
    check = latest_check(version)
    if why_not := _why_not(check, version):
        return Facts(missing=dict.fromkeys(wanted, why_not))
    found = {key: value for key, value in figures_of(check).items() if value is not None}
    return Facts(
        [Figure(key, value=found[key]) for key in sorted(wanted & set(found))],
        dict.fromkeys(wanted - set(found), "the infra check did not measure it"),
        {"infra": {"id": str(check.pk), "artifact_digest": check.artifact_digest, **found}},
    )


def _why_not(check: InfraCheck | None, version: ModelVersion) -> str:
    if check is None:
        return f"no infra check of {version.label} has been made"
    if check.state != InfraCheck.State.PASSED:
        return f"the newest infra check of {version.label} did not pass"
    present = present_digest(version)
    if present and present != check.artifact_digest:
        return f"the newest infra check of {version.label} looked at another artifact"
    return ""


def _drift_facts(evaluation: Evaluation, rules: Sequence[Rule]) -> Facts:
    asked = [rule for rule in rules if rule.is_about_drift]
    if not asked:
        return Facts()
    drifts = measure_drifts(evaluation, sorted({rule.field for rule in asked}))
    figures, missing = [], {}
    for rule in asked:
        if rule.field in drifts.faults:
            missing[render_measure(rule)] = drifts.faults[rule.field]
        elif not any(_is_of(figure, rule) for figure in figures):
            figures.append(_figure(rule, drifts))
    return Facts(figures, missing, {"drift": {"reference": _reference(drifts.reference)}})


def _is_of(figure: Figure, rule: Rule) -> bool:
    return (figure.metric, figure.slice_field) == (rule.metric, rule.field)


def _figure(rule: Rule, drifts: Drifts) -> Figure:
    found = drifts.found[rule.field]
    is_psi = rule.measure == "psi"
    return Figure(
        rule.metric,
        rule.field,
        value=found.psi if is_psi else found.js,
        n=found.fewest_rows,
        chance=found.chance_psi if is_psi else found.chance_js,
    )


def _reference(record: DataSet | None) -> dict | None:
    if record is None:
        return None
    return {"name": record.name, "version": record.version, "digest": record.digest}
