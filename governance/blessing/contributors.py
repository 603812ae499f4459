"""Who made what is judged or gave the evidence that a verdict rests on; changes nothing.

Texts of the card are not among it: who validates writes their findings there.
"""

from collections.abc import Iterable, Mapping

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat, Trim

from governance.blessing.models import Blessing
from governance.datasets.models import DataSet
from governance.infra.models import InfraCheck
from governance.separation.makers import makers_of
from governance.separation.rules import Contribution

EVALUATED = "handed in the evaluation"
COMPARED = "handed in the evaluation it is compared with"
CHECKED = "had its infra check run"
RECORDED = "uploaded the data it was evaluated on"
REFERENCE = "uploaded the data its drift is measured against"
TRAINED_ON = "uploaded the data it was trained on"
NOTHING = Value("")


def said(name: str, version: str) -> Trim:
    """A data set as people say it: “hold-out 2024-06”."""
    return Trim(Concat(name, Value(" "), version))


def contributions_to(blessing: Blessing) -> list[Contribution]:
    """Who made the version or gave evidence for the verdict, and which part they had."""
    return contributions_by_verdict({blessing.pk: blessing.version_id})[blessing.pk]


def contributions_by_verdict(
    verdicts: Mapping[int, int], makers: Mapping[int, list[Contribution]] | None = None
) -> dict[int, list[Contribution]]:
    """The same for many verdicts, given with their versions; two queries for any number.

    Who knows the makers of the versions already hands them in.
    """
    if not verdicts:
        return {}
    if makers is None:
        makers = makers_of(verdicts.values())
    evidence: dict[int, list[Contribution]] = {}
    for blessing, user_id, part in _evidence(verdicts):
        evidence.setdefault(blessing, []).append(Contribution(user_id, part))
    return {
        blessing: [*makers.get(version, []), *evidence.get(blessing, [])]
        for blessing, version in verdicts.items()
    }


def _evidence(blessings: Iterable[int]) -> QuerySet:
    """Rows of verdict, person and part; data that were only named by an evaluation are nobody's."""
    found = Blessing.objects.filter(pk__in=list(blessings)).order_by()
    compared = found.exclude(baseline_evaluation=None)
    infra = Cast(_frozen("infra", "id"), UUIDField())
    check = InfraCheck.objects.filter(pk=OuterRef("infra"))
    checked = found.annotate(
        infra=infra, by=Subquery(check.order_by().values("created_by"))
    ).exclude(by=None)
    return _told(found, "evaluation__created_by", EVALUATED).union(
        _told(compared, "baseline_evaluation__created_by", COMPARED),
        _told(checked, "by", CHECKED),
        _uploaded(
            found,
            RECORDED,
            digest=F("evaluation__data_digest"),
            name=said("evaluation__dataset_name", "evaluation__dataset_version"),
        ),
        _uploaded(
            found,
            TRAINED_ON,
            digest=F("version__training_data_digest"),
            name=F("version__training_data"),
        ),
        _uploaded(found, REFERENCE, digest=_frozen("drift", "reference", "digest")),
    )


def _told(found: QuerySet[Blessing], person: str, part: str) -> QuerySet:
    return found.values_list("pk", person, Value(part))


def _uploaded(
    found: QuerySet[Blessing], part: str, *, digest: Combinable, name: Combinable = NOTHING
) -> QuerySet:
    """Who uploaded data of this digest or name to the use case of the model."""
    data = "version__model__governed__use_case__data_sets"
    same_digest = Q(**{f"{data}__digest": F("asked_digest")}) & ~Q(asked_digest="")
    same_name = Q(asked_name=said(f"{data}__name", f"{data}__version"))
    ready = Q(**{f"{data}__state": DataSet.State.READY})
    return _told(
        found.annotate(asked_digest=digest, asked_name=name).filter(
            same_digest | same_name, ready
        ),
        f"{data}__created_by",
        part,
    )


def _frozen(*path: str) -> KT:
    """The text at a place under what the verdict has of its sources; NULL where it has none."""
    return KT("__".join(("frozen", "sources", *path)))
