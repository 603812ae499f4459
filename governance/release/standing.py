"""Everything that is known about one version on its way to one pointer, gathered once; writes nothing."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import prefetch_related_objects
from django.utils import timezone

from governance.approvals.models import Request
from governance.blessing.models import Blessing
from governance.blessing.queries import exceptions_under, latest_blessing
from governance.cards.document import CardDocument, build, completeness
from governance.cards.fields import Completeness
from governance.evaluation.models import Evaluation
from governance.policies.document import PolicyDocument
from governance.release import excepted
from governance.release.assessment import Assessment, assess
from governance.release.models import Clearance
from governance.release.protection import Protection
from registry.models import Alias, ModelVersion, PointerKind


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way of asking for approval, and the page that helps."""

    code: str
    sentence: str
    link: str


class Standing:
    """Where a version stands; each part is read from the database when it is first needed."""

    def __init__(
        self, version: ModelVersion, pointer: str, *, pointer_kind: str = PointerKind.ALIAS
    ) -> None:
        self.version = version
        self.pointer = pointer
        self.pointer_kind = pointer_kind

    @cached_property
    def assessment(self) -> Assessment:
        return assess(self.version, self.pointer, pointer_kind=self.pointer_kind)

    @property
    def protection(self) -> Protection:
        return self.assessment.protection

    @property
    def request(self) -> Request | None:
        return self.assessment.request

    @property
    def policy(self) -> PolicyDocument | None:
        found = self.protection.policy_version
        return found.parsed if found else None

    @cached_property
    def blessing(self) -> Blessing | None:
        """The newest verdict with all it says; an older and kinder one does not count."""
        found = latest_blessing(self.version)
        if found:
            prefetch_related_objects([found], "results", "evaluation__measurements")
        return found

    @cached_property
    def lost_exceptions(self) -> list[str]:
        """Which exceptions under the verdict hold no longer; it is being judged again without them."""
        return excepted.endings(exceptions_under(self.blessing)) if self.blessing else []

    @cached_property
    def evaluation(self) -> Evaluation | None:
        return self.evaluations[0] if self.evaluations else None

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """All of the version, newest first, with who asked for them and the job that measures."""
        related = self.version.evaluations.select_related("job", "created_by")
        return list(related.order_by("-created_at"))

    @cached_property
    def card(self) -> CardDocument:
        use_case = self.protection.use_case
        return build(self.version, use_case=use_case, blessing=self.blessing)

    @cached_property
    def completeness(self) -> Completeness | None:
        return completeness(self.card, self.policy.card.complete_for) if self.policy else None

    @cached_property
    def serving(self) -> ModelVersion | None:
        """The version that the pointer points to now."""
        if self.pointer_kind == PointerKind.STAGE:
            in_stage = self.version.model.versions.live().filter(stage=self.pointer)
            return in_stage.select_related("model").first()
        alias = (
            Alias.objects.filter(model=self.version.model_id, name=self.pointer)
            .select_related("version__model")
            .first()
        )
        return alias.version if alias else None

    @cached_property
    def served_account(self) -> dict | None:
        """The frozen account on which what serves now was cleared; None when nothing valid serves."""
        if self.serving is None:
            return None
        found = Clearance.objects.filter(version=self.serving, state=Clearance.State.VALID)
        newest = found.for_pointer(self.pointer_kind, self.pointer).select_related("request")
        clearance = newest.filter(valid_until__gt=timezone.now()).first()
        return clearance.request.evidence if clearance else None

    @property
    def is_serving(self) -> bool:
        if self.pointer_kind == PointerKind.STAGE:
            return self.version.stage == self.pointer
        return self.serving is not None and self.serving.pk == self.version.pk

    def obstacles(self) -> list[Obstacle]:
        """Why approval cannot be asked for now; who may ask is for approvals to say."""
        return self.policy_obstacles() or [
            *self._verdict_obstacles(),
            *self._card_obstacles(),
            *self._base_model_obstacles(),
        ]

    def policy_obstacles(self) -> list[Obstacle]:
        """Whether nothing at all can be asked for: no policy, or one that does not protect the pointer."""
        page = self.version.get_absolute_url()
        if self.protection.policy_version is None:
            return [Obstacle("no_policy", self.protection.reason, page)]
        if not self.assessment.is_protected:
            label = self.protection.policy_version.label
            sentence = f"{label} does not protect {self.pointer}: move it without asking."
            return [Obstacle("not_protected", sentence, page)]
        return []

    def _verdict_obstacles(self) -> list[Obstacle]:
        page, label = self.version.get_absolute_url(), self.version.label
        if self.blessing is None:
            sentence = f"{label} has no verdict: evaluate it first."
            return [Obstacle("not_evaluated", sentence, page)]
        if not self.blessing.is_sufficient:
            return [Obstacle("not_blessed", f"{label}: {self.blessing.sentence}", page)]
        if self.lost_exceptions:
            sentence = f"{label} waits to be judged again: {' '.join(self.lost_exceptions)}"
            return [Obstacle("exception_ended", sentence, page)]
        judged_by = self.blessing.policy_version
        if judged_by.pk != self.protection.policy_version.pk:
            sentence = (
                f"{label} was judged by {judged_by.label}; {self.protection.policy_version.label} "
                "applies now, so have it judged again."
            )
            return [Obstacle("other_policy", sentence, page)]
        return []

    def _card_obstacles(self) -> list[Obstacle]:
        return [
            Obstacle("card", f"Model card. {field.missing_sentence}", self.card_url)
            for field in self.completeness.missing
        ]

    def _base_model_obstacles(self) -> list[Obstacle]:
        base, use_case = self.version.base_model, self.protection.use_case
        if not base or self.policy.base_models == "any":
            return []
        if use_case.base_models.filter(name=base).exists():
            return []
        sentence = (
            f"{self.version.label} builds upon {base}, which {use_case.title} has not adopted: ask "
            "for it on the page of the use case."
        )
        return [Obstacle("base_model", sentence, use_case.get_absolute_url())]

    @property
    def card_url(self) -> str:
        return f"{self.version.get_absolute_url()}card/"
