"""Collects what the records say about one version for its card: reads only, words come later."""

from collections import defaultdict
from dataclasses import dataclass, field

from governance.accounts.models import User
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.queries import exceptions_under, latest_blessing
from governance.cards.queries import Writing, writing
from governance.evaluation.models import Evaluation, Measurement
from governance.exceptions.models import RuleException
from governance.usecases.models import Kpi, UseCase
from governance.usecases.queries import use_case_of
from raci.queries import carriers
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
    exceptions: list[RuleException] = field(default_factory=list)
    evaluation: Evaluation | None = None
    measurements: list[Measurement] = field(default_factory=list)


def gather(
    version: ModelVersion,
    *,
    use_case: UseCase | None = None,
    blessing: Blessing | None = None,
) -> Facts:
    """Reads everything but what the caller has read already."""
    use_case = use_case or use_case_of(version.model)
    people = _people(use_case)
    blessing = blessing or latest_blessing(version)
    evaluation = (
        blessing.evaluation
        if blessing
        else version.evaluations.finished().order_by("-finished_at").first()
    )
    return Facts(
        version=version,
        tags={tag.key: tag.value for tag in version.tags.all()},
        writing=writing(version),
        use_case=use_case,
        kpis=list(use_case.kpis.all()) if use_case else [],
        business_owners=people["define_use_case", "A"],
        model_owners=people["model_card", "A"],
        developers=people["train_model", "R"],
        blessing=blessing,
        results=list(blessing.results.all()) if blessing else [],
        exceptions=exceptions_under(blessing) if blessing else [],
        evaluation=evaluation,
        measurements=list(evaluation.measurements.all()) if evaluation else [],
    )


def _people(use_case: UseCase | None) -> dict[tuple[str, str], list[User]]:
    """Who carries which duty in the activities that a card names people for."""
    people = defaultdict(list)
    if use_case:
        activities = ("define_use_case", "model_card", "train_model")
        for one in carriers(use_case.scope, activities):
            for duty in one.letters.split("/"):
                people[one.activity_key, duty].append(one.user)
    return people
