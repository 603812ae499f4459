"""The trail of one model or version: the entries about it and about everything made for it."""

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from governance.approvals.models import Request
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.blessing.models import Blessing
from governance.evaluation.models import Evaluation
from governance.exceptions.models import RuleException
from governance.infra.models import InfraCheck
from registry.models import ModelVersion, RegisteredModel


def of_model(model: RegisteredModel) -> QuerySet[Entry]:
    """Entries about the model, all its versions (deleted ones too), and what was made for them.

    The caller has made sure that the model may be seen.
    """
    own = RegisteredModel.objects.filter(pk=model.pk)
    versions = ModelVersion.objects.filter(model=model)
    adopted = Entry.objects.filter(
        event=Event.MODEL_ADOPTED, data__model=model.name, at__gte=model.created_at
    )
    return _about(own, versions, *_made_for(versions), beside=adopted)


def of_version(version: ModelVersion) -> QuerySet[Entry]:
    """Entries about the version, its evaluations, checks, verdicts, exceptions, requests and clearances."""
    own = ModelVersion.objects.filter(pk=version.pk)
    return _about(own, *_made_for(own))


def _made_for(versions: QuerySet[ModelVersion]) -> list[QuerySet]:
    keys = versions.order_by().values("pk")
    kinds = (Evaluation, InfraCheck, Blessing, RuleException, Request)
    return [made.objects.filter(version__in=keys) for made in kinds]


def _about(*subjects: QuerySet, beside: QuerySet[Entry] | None = None) -> QuerySet[Entry]:
    """One branch a kind of subject, so that the index of subjects serves each; filters may follow."""
    first, *others = [
        Entry.objects.order_by()
        .filter(
            subject_type=found.model._meta.label_lower,
            subject_id__in=found.order_by().values(key=Cast("pk", CharField())),
        )
        .values("pk")
        for found in subjects
    ]
    if beside is not None:
        others.append(beside.order_by().values("pk"))
    return Entry.objects.filter(pk__in=first.union(*others, all=True))
