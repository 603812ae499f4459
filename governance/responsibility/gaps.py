"""What the matrices say and what is: gaps in sentences, gathered with few queries; mends nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Q, QuerySet, Value
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.queries import is_administrator, reads_everything
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.evaluation.models import Evaluation
from governance.infra.models import InfraCheck
from governance.release.protection import is_protected_anywhere
from governance.responsibility import load
from governance.responsibility.carried import Carried, carried_in, named
from governance.responsibility.sides import both_sides
from governance.responsibility.signed import Signed, signed_since
from governance.responsibility.stood_in import StoodIn, stood_in_since
from governance.separation.rules import parts_of
from governance.usecases.addresses import address_of, scope_of
from governance.usecases.models import UseCase
from raci import queries as raci
from raci.models import Matrix, Role
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
# How each kind of act reads of a version, and the activities whose R or A does it.
DEEDS = {
    "registered": ("registered {}", REGISTERING),
    "evaluated": ("had {} evaluated", EVALUATING),
    "checked": ("had the infra check of {} run", CHECKING),
}
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
class Owned:
    """A model and the use case it is in; neither scope nor title where it is in none."""

    name: str
    scope: str
    title: str


@dataclass(frozen=True)
class Seen:
    """What the reader may look into: their use cases, and whether they read everything."""

    use_cases: list[UseCase]
    everything: bool
    carried: Carried
    roles: list[Role]
    models: list[Owned]

    @property
    def loads(self) -> list[load.Load]:
        return load.loads(self.carried, Counter(one.scope for one in self.models))

    @property
    def titles(self) -> dict[str, str]:
        return {one.scope: one.title for one in self.use_cases}

    @property
    def matrices(self) -> QuerySet[Matrix]:
        return Matrix.objects.filter(scope__in=list(self.titles))


def seen_by(reader: User) -> Seen:
    """Reads once what all kinds of gaps look at."""
    everything = reads_everything(reader) or is_administrator(reader)
    use_cases = list(UseCase.objects.visible_to(reader))
    scopes = [one.scope for one in use_cases]
    roles = list(raci.lettered_roles(Matrix.objects.filter(scope__in=scopes)))
    models = _models(None if everything else use_cases)
    return Seen(use_cases, everything, carried_in(scopes), roles, models)


def found(seen: Seen, loads: Sequence[load.Load] | None = None) -> list[Gap]:
    """All gaps in what a reader may see, by kind; the number of queries does not grow with rows."""
    former = _former(seen)
    loads = seen.loads if loads is None else loads
    since = timezone.now() - PERIOD
    signed, stood_in = signed_since(since, seen.titles), stood_in_since(since)
    return [
        *_without_owner(seen),
        *_nobody(seen),
        *_leavers(seen),
        *_acts(seen, former, stood_in),
        *_signatures(seen, signed, former, stood_in),
        *_sides(seen),
        *_signed_own(signed),
        *(
            Gap("load", str(one.person), one.sentence, f"/people/{one.person.username}/")
            for one in loads
            if one.is_overload
        ),
    ]


def _former(seen: Seen) -> set[tuple[str, str]]:
    """Who left a role in the period, by scope and name: what they did before was theirs to do."""
    scopes = {str(one.matrix_id): one.matrix.scope for one in seen.roles}
    left = Entry.objects.filter(
        event__in=[Event.HOLDER_UNASSIGNED, Event.TEAM_UNASSIGNED, Event.HANDED_OVER],
        refused=False,
        subject_type=Matrix._meta.label_lower,
        at__gte=timezone.now() - PERIOD,
    ).values_list("subject_id", "data")
    return {
        (scopes[matrix], name)
        for matrix, data in left
        if matrix in scopes
        for name in data.get("people") or [str(data.get("user") or data.get("person") or "")]
    }


def _without_owner(seen: Seen) -> Iterator[Gap]:
    owned = {
        scope
        for scope, parts in seen.carried.parts.items()
        for part in parts
        if part.activity == OWNING and "A" in part.letters
    }
    for model in seen.models:
        if not model.scope:
            sentence = f"{model.name} is in no use case, so nobody answers for it."
        elif model.scope not in owned:
            sentence = (
                f"Nobody is Accountable for registering versions of {model.name} "
                f"({model.title})."
            )
        else:
            continue
        link = RegisteredModel(name=model.name).get_absolute_url()
        yield Gap("owner", model.name, sentence, link)


def _models(use_cases: list[UseCase] | None) -> list[Owned]:
    """The models of these use cases; of None, all there are."""
    models = RegisteredModel.objects.live().exclude(tags__key=IS_PROMPT).order_by("name")
    if use_cases is not None:
        models = models.filter(governed__use_case__in=use_cases)
    rows = models.values_list("name", "governed__use_case__slug", "governed__use_case__title")
    return [
        Owned(name, scope_of(slug) if slug else "", title or "") for name, slug, title in rows
    ]


def _nobody(seen: Seen) -> Iterator[Gap]:
    for role in seen.roles:
        if role.is_carried:
            continue
        title = seen.titles[role.matrix.scope]
        sentence = f"Nobody carries what {role.title} ({role.code}) has to do in {title}."
        yield Gap("nobody", title, sentence, address_of(role.matrix.scope))


def _leavers(seen: Seen) -> Iterator[Gap]:
    for scope, role, person in seen.carried.left:
        title = seen.titles[scope]
        sentence = (
            f"{person}, who holds {role} in {title}, has no active "
            "account any more; hand the role over."
        )
        yield Gap("leaver", title, sentence, address_of(scope))


def _acts(seen: Seen, former: set[tuple[str, str]], stood_in: StoodIn) -> Iterator[Gap]:
    """Whoever carries the R or the A of one of the activities today, or stood in then, may have done it."""
    for act in _done(seen):
        able = {
            part.user_id
            for part in seen.carried.parts[act.scope]
            if part.activity in act.activities and part.letters in {"R", "A", "A/R"}
        }
        stands_in = stood_in.for_any(able, act.user_id, act.scope, act.at)
        if act.user_id in able or stands_in or (act.scope, act.name) in former:
            continue
        title = seen.titles[act.scope]
        sentence = (
            f"{act.name} {act.words} without being Responsible or Accountable for it "
            f"in {title} today."
        )
        yield Gap("act", title, sentence, act.link, act.at)


def _done(seen: Seen) -> Iterator[Act]:
    since = timezone.now() - PERIOD
    inside = Q(model__governed__use_case__in=seen.use_cases, created_at__gte=since)
    about = Q(version__model__governed__use_case__in=seen.use_cases, created_at__gte=since)
    rows = _rows(ModelVersion.objects.filter(inside), "registered", "").union(
        _rows(Evaluation.objects.filter(about), "evaluated", "version__"),
        _rows(InfraCheck.objects.filter(about), "checked", "version__"),
        all=True,
    )
    for slug, user_id, username, first, last, model, number, moment, kind in rows:
        version = ModelVersion(model=RegisteredModel(name=model), number=number)
        words, activities = DEEDS[kind]
        yield Act(
            scope_of(slug),
            user_id,
            str(named(user_id, username, first, last)),
            words.format(version.label),
            activities,
            version.get_absolute_url(),
            moment,
        )
    moves = AliasMove.objects.filter(
        model__governed__use_case__in=seen.use_cases, at__gte=since
    ).select_related("actor", "to_version", "model__governed__use_case")
    for move in moves.order_by("-pk")[:MOST_ACTS]:
        if is_protected_anywhere(move.pointer_kind, move.pointer):
            words = f"moved {move.pointer} of {move.model.name}"
            link = f"{move.model.get_absolute_url()}history/"
            scope = move.model.governed.use_case.scope
            yield Act(scope, move.actor_id, str(move.actor), words, RELEASING, link, move.at)


def _rows(found: QuerySet, kind: str, version: str) -> QuerySet:
    """The newest of one kind as plain columns, so that all kinds are one query."""
    columns = (
        f"{version}model__governed__use_case__slug",
        "created_by",
        "created_by__username",
        "created_by__first_name",
        "created_by__last_name",
        f"{version}model__name",
        f"{version}number",
        "created_at",
    )
    newest = found.order_by("-created_at")
    return newest.values_list(*columns, Value(kind, output_field=CharField()))[:MOST_ACTS]


def _signatures(
    seen: Seen,
    signed: Iterable[Signed],
    former: set[tuple[str, str]],
    stood_in: StoodIn,
) -> Iterator[Gap]:
    """Whoever stood in for somebody in the matrix had their place in it then."""
    for one in signed:
        inside = {part.user_id for part in seen.carried.parts[one.scope]}
        stands_in = one.stands_for_id in inside or stood_in.for_any(
            inside, one.user_id, one.scope, one.at
        )
        if one.user_id in inside or stands_in or (one.scope, one.person) in former:
            continue
        sentence = f"{one.name} signed {one.what} and carries nothing in {one.title} today."
        yield Gap("signature", one.title, sentence, one.link, one.at)


def _sides(seen: Seen) -> Iterator[Gap]:
    for scope, parts in seen.carried.parts.items():
        for user_id, sentence in both_sides(parts, VALIDATION, BUILDING):
            title = seen.titles[scope]
            told = f"{seen.carried.people[user_id]} {sentence} in {title}."
            yield Gap("sides", title, told, address_of(scope))


def _signed_own(signed: Iterable[Signed]) -> Iterator[Gap]:
    """R6 for each version, by the rule that refuses signatures, with what is known today.

    A claim that came after the signature is found here, and so is what a policy lets pass.
    """
    for one in signed:
        parts = parts_of(one.contributions)
        for part in parts.get(one.user_id, []):
            sentence = f"{one.name} signed {one.what} and {part}."
            yield Gap("sides", one.title, sentence, one.link, one.at)
        for part in parts.get(one.stands_for_id, []):
            sentence = f"{one.name} signed {one.what} for {one.stands_for}, who {part}."
            yield Gap("sides", one.title, sentence, one.link, one.at)


def by_kind(gaps: Iterable[Gap]) -> list[tuple[str, list[Gap]]]:
    """The gaps under their headings, in the order of the report; headings without a gap stay."""
    grouped: dict[str, list[Gap]] = {kind: [] for kind in TITLES}
    for one in gaps:
        grouped[one.kind].append(one)
    return [(TITLES[kind], rows) for kind, rows in grouped.items()]
