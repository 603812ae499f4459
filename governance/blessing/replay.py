"""Judges past evaluations by another document, many at once, on what they were judged on then; stores nothing.

Nothing is measured again and no file is read. The baseline, its paired differences, the age of the
data, exceptions, drift and infra checks are those of the blessing of then; a latency that no rule
asked for then is that of the newest infra check.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Func, JSONField
from django.utils import timezone

from governance.blessing.figures import Baseline, Difference, Figure, Measurements
from governance.blessing.frozen import DIFFERENCE, FIGURE
from governance.blessing.infra_facts import infra_figures
from governance.blessing.judge import Exemption, Judgement, judge
from governance.blessing.models import Blessing
from governance.evaluation.models import Evaluation, Measurement
from governance.policies.document import PolicyDocument
from governance.policies.rules import Rule, render_measure
from governance.policies.vocabulary import INFRA

# Facts that no evaluation measured: what was frozen of them is all there is.
FROZEN_ONLY = ("psi", "js", *sorted(INFRA))
FROZEN_FACTS = " || ".join(f'@.metric == "{metric}"' for metric in FROZEN_ONLY)
NEVER_JUDGED = "it was not judged then, so nothing was chosen to compare with"


@dataclass(frozen=True)
class Case:
    """A past evaluation, and the verdict about it whose frozen surroundings count; None for no verdict."""

    evaluation: Evaluation
    blessing: Blessing | None = None


class _Surroundings(Func):
    """The frozen inputs without what is large: measurements come from their own table."""

    template = (
        "(%(expressions)s #- '{measurements}' #- '{judgement}' #- '{baseline,measurements}' "
        "#- '{policy,text}')"
    )
    output_field = JSONField()


class _Facts(Func):
    """The frozen figures of one side that stand in no table of measurements."""

    output_field = JSONField()

    def __init__(self, expression: F, path: str) -> None:
        super().__init__(expression)
        self.template = (
            f"jsonb_path_query_array(%(expressions)s, '{path}[*] ? ({FROZEN_FACTS})')"
        )


@dataclass(frozen=True)
class _Then:
    """What a judgement rested on besides measurements, as it was frozen."""

    around: dict = field(default_factory=dict)
    facts: Sequence[dict] = ()
    baseline_facts: Sequence[dict] = ()


def replay(cases: Sequence[Case], document: PolicyDocument, *, against: str) -> list[Judgement]:
    """Judges each case by the document; the number of queries does not grow with the cases."""
    then = _frozen_then(cases)
    figures = _figures(_measured(cases), document.rules)
    infra = _infra(cases, document.rules)
    not_asked = _not_asked_then(document.rules)
    judgements = []
    for case in cases:
        frozen = then.get(_key(case), _Then())
        measurements = Measurements(
            [*figures[case.evaluation.pk], *_facts(frozen, infra[case.evaluation.version_id])],
            _age_days(case, frozen),
            not_asked | frozen.around.get("missing", {}),
        )
        baseline = _baseline(case, frozen, figures)
        judgements.append(_judged(document, against, measurements, baseline, frozen))
    return judgements


def _judged(
    document: PolicyDocument,
    against: str,
    measurements: Measurements,
    baseline: Baseline,
    then: _Then,
) -> Judgement:
    return judge(
        document.rules,
        measurements,
        baseline,
        mode=document.interval,
        against=against,
        exemptions=[
            Exemption(one["id"], one["text"], date.fromisoformat(one["until"]))
            for one in then.around.get("exceptions", ())
        ],
    )


def _key(case: Case) -> int | None:
    return case.blessing.pk if case.blessing else None


def _frozen_then(cases: Sequence[Case]) -> dict[int, _Then]:
    judged = [case.blessing.pk for case in cases if case.blessing]
    rows = (
        Blessing.objects.filter(pk__in=judged)
        .order_by()
        .values_list(
            "pk",
            _Surroundings(F("frozen")),
            _Facts(F("frozen"), "$.measurements"),
            _Facts(F("frozen"), "$.baseline.measurements"),
        )
    )
    # what was frozen before there were inputs to speak of counts as never judged
    return {pk: _Then(*frozen) for pk, *frozen in rows if "baseline" in frozen[0]}


def _not_asked_then(rules: Sequence[Rule]) -> dict[str, str]:
    """Drift is measured when a rule asks for it; the reason that was given then goes before this."""
    missing = dict.fromkeys(INFRA, "no infra check of the version that counts has been made")
    for measure in (render_measure(rule) for rule in rules if rule.is_about_drift):
        missing[measure] = f"{measure} was not measured then, since no rule asked for it"
    return missing


def _infra(cases: Sequence[Case], rules: Sequence[Rule]) -> dict[int, list[Figure]]:
    """What is known by now of latency and memory: artifacts do not change."""
    asked = any(rule.metric in INFRA for rule in rules)
    versions = {case.evaluation.version_id for case in cases} if asked else set()
    return defaultdict(list, infra_figures(versions) if versions else {})


def _facts(then: _Then, infra: Sequence[Figure]) -> list[Figure]:
    """The facts of then, and of those that no rule asked for then what is known by now."""
    frozen = [_figure(row) for row in then.facts]
    settled = {figure.metric for figure in frozen} | set(then.around.get("missing", ()))
    return [*frozen, *(figure for figure in infra if figure.metric not in settled)]


def _measured(cases: Sequence[Case]) -> set:
    baselines = {case.blessing.baseline_evaluation_id for case in cases if case.blessing}
    return {case.evaluation.pk for case in cases} | (baselines - {None})


def _figures(evaluations: Iterable, rules: Sequence[Rule]) -> dict[Any, list[Figure]]:
    """The figures that the rules ask for, of each evaluation."""
    rows = (
        Measurement.objects.filter(
            evaluation__in=list(evaluations),
            metric__in={rule.metric for rule in rules},
            slice_field__in=_slice_fields(rules),
        )
        .order_by("metric", "slice_field", "slice_value")
        .values_list("evaluation_id", *FIGURE)
    )
    found: dict[Any, list[Figure]] = defaultdict(list)
    for evaluation, *values in rows:
        found[evaluation].append(Figure(*values))
    return found


def _slice_fields(rules: Sequence[Rule]) -> set[str]:
    """The names under which slices are stored: fields, crossings of two, and none for all rows."""
    named = {name for rule in rules for name in (*rule.slice_names, rule.field)}
    return named | {""}


def _figure(row: dict) -> Figure:
    return Figure(**{name: row[name] for name in FIGURE}, chance=row.get("chance"))


def _age_days(case: Case, then: _Then) -> int | None:
    """As it was counted then; for what was never judged, on the day it was measured."""
    if then.around:
        return then.around["age_days"]
    end, finished = case.evaluation.period_end, case.evaluation.finished_at
    return (timezone.localdate(finished) - end).days if end and finished else None


def _baseline(case: Case, then: _Then, figures: dict[Any, list[Figure]]) -> Baseline:
    if not then.around:
        return Baseline(sentence=NEVER_JUDGED)
    frozen = then.around["baseline"]
    measured = figures[case.blessing.baseline_evaluation_id]
    return Baseline(
        frozen["state"],
        frozen["label"],
        frozen["sentence"],
        Measurements(measured + [_figure(row) for row in then.baseline_facts]),
        [
            Difference(**{name: row[name] for name in DIFFERENCE if name in row})
            for row in frozen["differences"]
        ],
    )
