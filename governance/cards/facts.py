"""Collects what the records say about one version for its card: reads only, words come later."""

from dataclasses import dataclass, field

from governance.accounts.models import User
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.queries import latest_blessing
from governance.cards.queries import Writing, writing
from governance.evaluation.models import Evaluation, Measurement
from governance.usecases.models import Kpi, UseCase
from governance.usecases.queries import use_case_of
from raci.queries import holders
from registry.models import ModelVersion


@dataclass(frozen=True)
class Facts:
    version: ModelVersion
    tags: dict[str, str]
    writing: Writing
    use_case: UseCase | None = None
    kpis: list[Kpi] = field(default_factory=list)
    business_owners: list[User] = field(default_factory=list)
    model_owners: list[User] = field(default_factory=list)
    developers: list[User] = field(default_factory=list)
    blessing: Blessing | None = None
    results: list[RuleResult] = field(default_factory=list)
    evaluation: Evaluation | None = None
    measurements: list[Measurement] = field(default_factory=list)


def gather(version: ModelVersion) -> Facts:
    use_case = use_case_of(version.model)
    blessing = latest_blessing(version)
    evaluation = (
        blessing.evaluation
        if blessing
        else version.evaluations.finished().order_by("-finished_at").first()
    )
    return Facts(
        version=version,
        tags=dict(version.tags.values_list("key", "value")),
        writing=writing(version),
        use_case=use_case,
        kpis=list(use_case.kpis.all()) if use_case else [],
        business_owners=_people(use_case, "define_use_case", "A"),
        model_owners=_people(use_case, "model_card", "A"),
        developers=_people(use_case, "train_model", "R"),
        blessing=blessing,
        results=list(blessing.results.all()) if blessing else [],
        evaluation=evaluation,
        measurements=list(evaluation.measurements.all()) if evaluation else [],
    )


def _people(use_case: UseCase | None, activity: str, duty: str) -> list[User]:
    return list(holders(use_case.scope, activity, duty)) if use_case else []
