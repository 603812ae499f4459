"""The acts on data sets: recording one, describing it, remembering one that an evaluation named."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from governance.audit import services as audit
from governance.audit.events import Event
from governance.datasets.models import DataSet
from governance.datasets.rules import ACTIVITIES, Recorder, why_not_record
from governance.errors import Conflict, Invalid, NotAllowed
from governance.evaluation import engine, sources
from governance.evaluation.asking import QUEUE, file_name, period, plain_text
from governance.evaluation.models import Evaluation
from governance.jobs import services as jobs
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci

if TYPE_CHECKING:
    from governance.accounts.models import User

PROFILE = "datasets.profile"
MOST_SENSITIVE = 100
LONGEST_TEXT = 10_000


def record_data_set(
    name: str,
    *,
    actor: "User",
    source: File | str,
    version: str = "",
    use_case: UseCase | None = None,
    description: str = "",
    licence: str = "",
    sensitive_fields: Sequence[str] = (),
    period_start: date | None = None,
    period_end: date | None = None,
) -> DataSet:
    """Takes a file as a data set and enqueues the reading of its columns.

    The same bytes are stored once, whoever hands them in; within a use case they are one record.
    """
    asked = {
        "name": plain_text(name, "name", needed="Name the data set."),
        "version": plain_text(version, "version", longest=100),
        **_described(description, licence, sensitive_fields),
        **period(period_start, period_end),
    }
    if reasons := why_not(actor, use_case):
        raise NotAllowed(f"You may not record a data set. {reasons[0]}", reasons=reasons)
    with _taken(source, list(asked["sensitive_fields"])) as taken:
        try:
            with transaction.atomic(durable=True):
                return _record(use_case, actor=actor, asked=asked | taken)
        except IntegrityError as error:
            raise _clash(error, scope_of(use_case, actor), asked, taken) from None


def describe(record: DataSet, *, actor: "User", **changes: Any) -> DataSet:
    """Changes what people say of a data set; its file, digest and profile stay as they are."""
    if reasons := why_not(actor, record.use_case):
        raise NotAllowed(f"You may not describe {record}. {reasons[0]}", reasons=reasons)
    with transaction.atomic(durable=True):
        held = DataSet.objects.select_for_update(of=["self"]).get(pk=record.pk)
        said = _described(
            changes.get("description", held.description),
            changes.get("licence", held.licence),
            changes.get("sensitive_fields", held.sensitive_fields),
        )
        _refuse_unknown(said["sensitive_fields"], held.column_names)
        before = {key: getattr(held, key) for key in said}
        changed = {key: value for key, value in said.items() if value != before[key]}
        for key, value in changed.items():
            setattr(held, key, value)
        if changed:
            held.save(update_fields=list(changed))
            audit.record(Event.DATA_SET_DESCRIBED, held, actor=actor, **changed)
        return held


def why_not(user: "User", use_case: UseCase | None) -> list[str]:
    """Returns why the person may not record or describe; empty when they may."""
    return why_not_record(
        Recorder(
            has_use_case=use_case is not None,
            carries_an_activity=use_case is not None
            and any(
                duty.activity_key in ACTIVITIES and (duty.carries("R") or duty.carries("A"))
                for duty in raci.duties(user, use_case.scope)
            ),
            may_register_models=user.has_perm("registry.add_registeredmodel"),
        )
    )


def remember_named(evaluation: Evaluation, **_: object) -> None:
    """Records the data set an evaluation names, if it is not known yet; it has no file of its own."""
    use_case = use_case_of(evaluation.version.model)
    DataSet.objects.get_or_create(
        scope=scope_of(use_case, evaluation.created_by),
        name=evaluation.dataset_name,
        version=evaluation.dataset_version,
        defaults={
            "use_case": use_case,
            "state": DataSet.State.NAMED,
            "rows": evaluation.rows,
            "rows_digest": "" if evaluation.is_reported else evaluation.rows_digest,
            "period_start": evaluation.period_start,
            "period_end": evaluation.period_end,
            "created_by": evaluation.created_by,
        },
    )


def scope_of(use_case: UseCase | None, owner: "User") -> str:
    """Within what a name stands for one data set: a use case, or a person without one."""
    return f"use case {use_case.pk}" if use_case else f"person {owner.pk}"


def _record(use_case: UseCase | None, *, actor: "User", asked: dict[str, Any]) -> DataSet:
    scope = scope_of(use_case, actor)
    record = DataSet(scope=scope, use_case=use_case, created_by=actor, **asked)
    record.job = jobs.enqueue(
        PROFILE,
        actor=actor,
        subject=record,
        arguments={"data_set": str(record.pk)},
        queue=QUEUE,
    )
    record.save(force_insert=True)
    audit.record(
        Event.DATA_SET_RECORDED,
        record,
        actor=actor,
        source=f"{record.source_kind}: {record.source}",
        digest=record.digest,
        licence=record.licence,
        sensitive_fields=record.sensitive_fields,
    )
    return record


@contextmanager
def _taken(source: File | str, sensitive: list[str]) -> Iterator[dict[str, Any]]:
    """Looks at the source before anything is written; bytes that are there already are not kept twice."""
    kind = sources.kind_of(source)
    if kind == "table":
        raise Invalid("Record a file; a warehouse's table stays where it is.", field="source")
    with sources.scratch_folder() as scratch:
        if kind in sources.FETCHED:
            sources.check_address(kind, source)
            artifact = f"datasets/{uuid.uuid4()}"
            yield {"source_kind": kind, "source": source, "artifact": artifact}
            return
        if kind == "path":
            file, digest = sources.resolved_path(source), ""
            taken = {"source_kind": kind, "source": source}
        else:
            file, digest = sources.spool(source, scratch)
            taken = {"source_kind": kind, "source": file_name(source)}
        _refuse_unknown(sensitive, engine.columns_of(file, scratch=scratch))
        if digest:
            taken |= {"artifact": _stored(file, digest), "digest": digest}
        yield taken


def _stored(file: Any, digest: str) -> str:
    """Keeps the file under its digest, unless it is there; returns where."""
    artifact = f"datasets/{digest.removeprefix('sha256:')}"
    return artifact if default_storage.exists(artifact) else sources.keep(file, artifact)


def _refuse_unknown(sensitive: Sequence[str], columns: Sequence[str]) -> None:
    if columns and (unknown := set(sensitive) - set(columns)):
        known = ", ".join(list(columns)[:20])
        raise Invalid(
            f"There is no column “{min(unknown)}”; the file has {known}.",
            field="sensitive_fields",
        )


def _clash(
    error: IntegrityError, scope: str, asked: dict[str, Any], taken: dict[str, Any]
) -> Exception:
    if "data_set_stored_once" in str(error):
        twin = DataSet.objects.filter(scope=scope, digest=taken["digest"]).first()
        return Conflict(f"This file is recorded already, as {twin}.")
    if "data_set_named_once" in str(error):
        named = f"{asked['name']} {asked['version']}".strip()
        return Conflict(f"{named} is recorded already; give the data another version.")
    return error


def _described(description: str, licence: str, sensitive: Sequence[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(sensitive or ()))
    if len(names) > MOST_SENSITIVE or not all(isinstance(n, str) and n for n in names):
        raise Invalid(
            f"Sensitive fields are at most {MOST_SENSITIVE} column names.",
            field="sensitive_fields",
        )
    return {
        "description": plain_text(description, "description", longest=LONGEST_TEXT),
        "licence": plain_text(licence, "licence"),
        "sensitive_fields": names,
    }
