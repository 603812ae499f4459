"""Past evaluations to lines of a back-test, a chunk at a time, as plain data; writes nothing."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from governance.backtests.models import Direction
from governance.backtests.serving import Serving, ended_early
from governance.blessing.judge import Judgement, Result
from governance.blessing.models import Blessing
from governance.blessing.replay import Case, replay
from governance.blessing.verdicts import SUFFICIENT
from governance.evaluation.models import Evaluation
from governance.policies.document import PolicyDocument
from governance.usecases.queries import use_case_of
from registry.models import RegisteredModel

# A few megabytes of measurements at a time.
CHUNK = 250
# What evaluations hold that no replay needs.
UNNEEDED = ("parameters", "columns", "costs", "source", "reason", "artifact")


class Judging:
    """One document held against one chunk after another."""

    def __init__(self, document: PolicyDocument, against: str) -> None:
        self._document = document
        self._against = against
        self._serving = Serving()
        self._decided: set[int] = set()
        self._applies: dict[int, bool] = {}
        self.other_baselines = 0
        self.not_applying = 0

    def lines(self, keys: Sequence[UUID]) -> Iterator[dict[str, Any]]:
        """The lines of these evaluations, in their order: newest first within a version."""
        cases = _cases(keys)
        versions = {case.evaluation.version_id for case in cases}
        serving, ended = self._serving.among(versions), ended_early(versions)
        self._look_at_models({case.evaluation.version.model_id for case in cases})
        judgements = replay(cases, self._document, against=self._against)
        for case, judgement in zip(cases, judgements, strict=True):
            self._note_baseline(case)
            self._note_reach(case)
            version = case.evaluation.version_id
            since = case.blessing.created_at if case.blessing else None
            later = [why for at, why in ended.get(version, ()) if since and at > since]
            yield {
                "evaluation_id": str(case.evaluation.pk),
                "version_id": version,
                "blessing_id": case.blessing.pk if case.blessing else None,
                "decides": version not in self._decided,
                "is_serving": version in serving,
                "later_breached": bool(later),
                "breach_reason": " ".join(later)[:2000],
                **compared(case.blessing.verdict if case.blessing else "", judgement),
            }
            self._decided.add(version)

    def _look_at_models(self, keys: set[int]) -> None:
        """Finds out for each model, once, whether the document would apply to it."""
        models = RegisteredModel.objects.filter(pk__in=keys - self._applies.keys())
        for model in models.select_related("governed__use_case").prefetch_related("tags"):
            use_case = use_case_of(model)
            self._applies[model.pk] = use_case is not None and self._document.applies(
                tier=use_case.tier,
                tags={tag.key: tag.value for tag in model.tags.all()},
                use_case_slug=use_case.slug,
            )

    def _note_reach(self, case: Case) -> None:
        """Counts the versions of models to which the document would not apply."""
        version = case.evaluation.version
        if version.pk not in self._decided:
            self.not_applying += not self._applies[version.model_id]

    def _note_baseline(self, case: Case) -> None:
        """Counts the verdicts whose policy chose its baseline otherwise: theirs was used."""
        then = case.blessing.policy_version.parsed.baseline if case.blessing else None
        self.other_baselines += then is not None and then != self._document.baseline


def compared(verdict_then: str, judgement: Judgement) -> dict[str, Any]:
    """The fields of a line that follow from both verdicts alone."""
    passed_then, passes = verdict_then in SUFFICIENT, judgement.verdict in SUFFICIENT
    if not verdict_then:
        direction = Direction.NOT_JUDGED
    elif passed_then == passes:
        direction = Direction.SAME
    else:
        direction = Direction.BLOCKED if passed_then else Direction.WOULD_PASS
    return {
        "verdict_then": verdict_then,
        "verdict_now": judgement.verdict.value,
        "sentence": judgement.sentence,
        "rules": [rule_json(result) for result in judgement.results],
        "differs": bool(verdict_then) and verdict_then != judgement.verdict,
        "direction": direction.value,
    }


def rule_json(result: Result) -> dict[str, Any]:
    return {
        "name": result.rule.name,
        "text": str(result.rule),
        "severity": result.rule.severity.value,
        "outcome": result.outcome.value,
        "sentence": result.sentence,
        "stands_in_the_way": result.stands_in_the_way and result.exemption is None,
    }


def _cases(keys: Sequence[UUID]) -> list[Case]:
    """Each evaluation with its newest verdict."""
    evaluations = (
        Evaluation.objects.select_related("version").defer(*UNNEEDED).in_bulk(list(keys))
    )
    newest = (
        Blessing.objects.filter(evaluation__in=keys)
        .order_by("evaluation_id", "-pk")
        .distinct("evaluation_id")
        .defer("frozen", "comparison")
        .select_related("policy_version__policy")
    )
    by_evaluation = {blessing.evaluation_id: blessing for blessing in newest}
    # what was removed meanwhile is left out
    return [
        Case(evaluations[key], by_evaluation.get(key)) for key in keys if key in evaluations
    ]
