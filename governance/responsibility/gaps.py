"""What the matrices say and what is: gaps in sentences, gathered with few queries; mends nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.queries import is_administrator, reads_everything
from governance.approvals.models import Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.evaluation.models import Evaluation
from governance.infra.models import InfraCheck
from governance.release.protection import is_protected_anywhere
from governance.responsibility import load
from governance.responsibility.addresses import address_of
from governance.responsibility.sides import Part, both_sides
from governance.usecases.models import UseCase
from raci import queries as raci
from raci.models import Carrying, Holder, Matrix
from raci.rules import BUILDING, VALIDATION
from registry.models import IS_PROMPT, AliasMove, ModelVersion, RegisteredModel

# How far back acts are held against the matrices; older ones are in the trail.
PERIOD = timedelta(days=31)
# Acts of each kind that are looked at, newest first.
MOST_ACTS = 2000
OWNING = "register_version"
REGISTERING = ("train_model", "register_version")
EVALUATING = ("run_blessing", "train_model", "independent_validation", "monitor_model")
CHECKING = ("infra_check",)
RELEASING = ("release", "rollback")
TITLES = {
    "owner": "Models without an accountable owner",
    "nobody": "Duties that nobody carries",
    "leaver": "Roles held by closed accounts",
    "act": "Done by somebody who is not Responsible for it",
    "signature": "Signatures of people who are no longer in the matrix",
    "sides": "One person on both sides of separated duties",
    "load": "Overload",
}


@dataclass(frozen=True)
class Gap:
    """One difference between what is said and what is; `about` is the use case or the model."""

    kind: str
    about: str
    sentence: str
    link: str
    at: datetime | None = None

    @property
    def title(self) -> str:
        return TITLES[self.kind]


@dataclass(frozen=True)
class Act:
    """Something a person did to a model, and the activities whose R or A does it."""

    scope: str
    user_id: int
    name: str
    words: str
    activities: Sequence[str]
    link: str
    at: datetime


@dataclass(frozen=True)
class Seen:
    """What the reader may look into: their use cases, and whether they read everything."""

    use_cases: list[UseCase]
    everything: bool

    @property
    def titles(self) -> dict[str, str]:
        return {one.scope: one.title for one in self.use_cases}

    @property
    def matrices(self) -> QuerySet[Matrix]:
        return Matrix.objects.filter(scope__in=list(self.titles))


def seen_by(reader: User) -> Seen:
    everything = reads_everything(reader) or is_administrator(reader)
    return Seen(list(UseCase.objects.visible_to(reader)), everything)


def found(reader: User, loads: Sequence[load.Load] | None = None) -> list[Gap]:
    """All gaps in what the reader may see, by kind; the number of queries does not grow with rows."""
    seen = seen_by(reader)
    carried = _carried(seen)
    former = _former(seen)
    if loads is None:
        loads = load.loads(seen.use_cases)
    return [
        *_without_owner(seen, carried),
        *_nobody(seen),
        *_leavers(seen),
        *_acts(seen, carried, former),
        *_signatures(seen, carried, former),
        *_sides(seen, carried),
        *_signed_own(seen),
        *(
            Gap("load", str(one.person), one.sentence, f"/people/{one.person.username}/")
            for one in loads
            if one.is_overload
        ),
    ]


Carried = dict[str, list[Part]]


def _carried(seen: Seen) -> Carried:
    """Who carries or, while away, holds which letters in which activity, by scope; two queries."""
    kept: dict[str, set[Part]] = defaultdict(set)
    for rows in (Carrying.objects.all(), Holder.objects.current()):
        parts = rows.filter(
            role__matrix__in=seen.matrices, role__cells__isnull=False
        ).values_list(
            "role__matrix__scope",
            "user",
            "role__cells__activity__key",
            "role__cells__activity__title",
            "role__cells__activity__segregated",
            "role__cells__letters",
        )
        for scope, *part in parts:
            kept[scope].add(Part(*part))
    return defaultdict(list, {scope: list(parts) for scope, parts in kept.items()})


def _former(seen: Seen) -> set[tuple[str, str]]:
    """Who left a role in the period, by scope and name: what they did before was theirs to do."""
    scopes = {str(pk): scope for pk, scope in seen.matrices.values_list("pk", "scope")}
    left = Entry.objects.filter(
        event__in=[Event.HOLDER_UNASSIGNED, Event.HANDED_OVER],
        refused=False,
        subject_type=Matrix._meta.label_lower,
        at__gte=timezone.now() - PERIOD,
    ).values_list("subject_id", "data")
    return {
        (scopes[matrix], str(data.get("user") or data.get("person") or ""))
        for matrix, data in left
        if matrix in scopes
    }


def _without_owner(seen: Seen, carried: Carried) -> Iterator[Gap]:
    owned = {
        scope
        for scope, parts in carried.items()
        for part in parts
        if part.activity == OWNING and "A" in part.letters
    }
    models = RegisteredModel.objects.live().exclude(tags__key=IS_PROMPT)
    models = models.select_related("governed__use_case").order_by("name")
    if not seen.everything:
        models = models.filter(governed__use_case__in=seen.use_cases)
    for model in models[:MOST_ACTS]:
        governed = getattr(model, "governed", None)
        if governed is None:
            sentence = f"{model.name} is in no use case, so nobody answers for it."
        elif governed.use_case.scope not in owned:
            sentence = (
                f"Nobody is Accountable for registering versions of {model.name} "
                f"({governed.use_case.title})."
            )
        else:
            continue
        yield Gap("owner", model.name, sentence, model.get_absolute_url())


def _nobody(seen: Seen) -> Iterator[Gap]:
    for role in raci.unfilled_in(seen.matrices).order_by("matrix__title", "position"):
        title = seen.titles[role.matrix.scope]
        sentence = f"Nobody carries what {role.title} ({role.code}) has to do in {title}."
        yield Gap("nobody", title, sentence, address_of(role.matrix.scope))


def _leavers(seen: Seen) -> Iterator[Gap]:
    left = Holder.objects.left_behind().filter(role__matrix__in=seen.matrices)
    for one in left.select_related("user", "role__matrix").order_by("role__matrix__title"):
        scope = one.role.matrix.scope
        sentence = (
            f"{one.user}, who holds {one.role.title} in {seen.titles[scope]}, has no active "
            "account any more; hand the role over."
        )
        yield Gap("leaver", seen.titles[scope], sentence, address_of(scope))


def _acts(seen: Seen, carried: Carried, former: set[tuple[str, str]]) -> Iterator[Gap]:
    """Whoever carries the R or the A of one of the activities today may have done it."""
    for act in _done(seen):
        may = any(
            part.user_id == act.user_id
            and part.activity in act.activities
            and part.letters in {"R", "A", "A/R"}
            for part in carried[act.scope]
        )
        if may or (act.scope, act.name) in former:
            continue
        title = seen.titles[act.scope]
        sentence = (
            f"{act.name} {act.words} without being Responsible or Accountable for it "
            f"in {title} today."
        )
        yield Gap("act", title, sentence, act.link, act.at)


def _done(seen: Seen) -> Iterator[Act]:
    since = timezone.now() - PERIOD
    inside = {"version__model__governed__use_case__in": seen.use_cases}
    versions = ModelVersion.objects.filter(
        model__governed__use_case__in=seen.use_cases, created_at__gte=since
    ).select_related("created_by", "model__governed__use_case")
    for one in versions.order_by("-pk")[:MOST_ACTS]:
        yield _act(one, one.created_by, f"registered {one.label}", REGISTERING, one.created_at)
    evaluations = Evaluation.objects.filter(created_at__gte=since, **inside).select_related(
        "created_by", "version__model__governed__use_case"
    )
    checks = InfraCheck.objects.filter(created_at__gte=since, **inside).select_related(
        "created_by", "version__model__governed__use_case"
    )
    for one in evaluations.order_by("-created_at")[:MOST_ACTS]:
        words = f"had {one.version.label} evaluated"
        yield _act(one.version, one.created_by, words, EVALUATING, one.created_at)
    for one in checks.order_by("-created_at")[:MOST_ACTS]:
        words = f"had the infra check of {one.version.label} run"
        yield _act(one.version, one.created_by, words, CHECKING, one.created_at)
    moves = AliasMove.objects.filter(
        model__governed__use_case__in=seen.use_cases, at__gte=since
    ).select_related("actor", "to_version", "model__governed__use_case")
    for move in moves.order_by("-pk")[:MOST_ACTS]:
        if is_protected_anywhere(move.pointer_kind, move.pointer):
            words = f"moved {move.pointer} of {move.model.name}"
            link = f"{move.model.get_absolute_url()}history/"
            scope = move.model.governed.use_case.scope
            yield Act(scope, move.actor_id, str(move.actor), words, RELEASING, link, move.at)


def _act(
    version: ModelVersion, user: User, words: str, activities: Sequence[str], at: datetime
) -> Act:
    scope = version.model.governed.use_case.scope
    return Act(scope, user.pk, str(user), words, activities, version.get_absolute_url(), at)


def _signatures(seen: Seen, carried: Carried, former: set[tuple[str, str]]) -> Iterator[Gap]:
    votes = (
        Vote.objects.filter(
            step__request__scope__in=list(seen.titles),
            signed_at__gte=timezone.now() - PERIOD,
        )
        .select_related("user", "step__request__version__model")
        .defer("step__request__evidence")
        .order_by("-pk")
    )
    for vote in votes[:MOST_ACTS]:
        request = vote.step.request
        inside = {part.user_id for part in carried[request.scope]}
        if vote.user_id in inside or (request.scope, str(vote.user)) in former:
            continue
        sentence = (
            f"{vote.user_name} signed “{vote.step.name}” for {request.version.label} and "
            f"carries nothing in {request.use_case_title} today."
        )
        yield Gap(
            "signature",
            request.use_case_title,
            sentence,
            request.get_absolute_url(),
            vote.signed_at,
        )


def _sides(seen: Seen, carried: Carried) -> Iterator[Gap]:
    clashes = [
        (scope, user_id, sentence)
        for scope, parts in carried.items()
        for user_id, sentence in both_sides(parts, VALIDATION, BUILDING)
    ]
    people = User.objects.in_bulk({user_id for _scope, user_id, _sentence in clashes})
    for scope, user_id, sentence in clashes:
        title = seen.titles[scope]
        told = f"{people[user_id]} {sentence} in {title}."
        yield Gap("sides", title, told, address_of(scope))


def _signed_own(seen: Seen) -> Iterator[Gap]:
    """R6 for each version: who signed it after registering it or giving evidence for it.

    Evidence is what figures or trials came of: evaluations and infra checks. Texts of the card are
    none, since who validates writes their findings there; nor is what came after the signature.
    """
    signed = Vote.objects.filter(
        step__request__scope__in=list(seen.titles),
        signed_at__gte=timezone.now() - PERIOD,
    )
    gave = {
        "registered it": Q(step__request__version__created_by=F("user")),
        "had it evaluated before": Exists(
            Evaluation.objects.filter(
                version=OuterRef("step__request__version"),
                created_by=OuterRef("user"),
                created_at__lt=OuterRef("signed_at"),
            )
        ),
        "had its infra check run before": Exists(
            InfraCheck.objects.filter(
                version=OuterRef("step__request__version"),
                created_by=OuterRef("user"),
                created_at__lt=OuterRef("signed_at"),
            )
        ),
    }
    for words, condition in gave.items():
        votes = signed.filter(condition).select_related("step__request__version__model")
        for vote in votes.defer("step__request__evidence").order_by("-pk")[:MOST_ACTS]:
            request = vote.step.request
            sentence = f"{vote.user_name} signed {request.version.label} and {words}."
            yield Gap(
                "sides",
                request.use_case_title,
                sentence,
                request.get_absolute_url(),
                vote.signed_at,
            )


def by_kind(gaps: Iterable[Gap]) -> list[tuple[str, list[Gap]]]:
    """The gaps under their headings, in the order of the report; headings without a gap stay."""
    grouped: dict[str, list[Gap]] = {kind: [] for kind in TITLES}
    for one in gaps:
        grouped[one.kind].append(one)
    return [(TITLES[kind], rows) for kind, rows in grouped.items()]
