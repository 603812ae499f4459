"""The acts of jobs on artifacts: pin what a source points to, and write down each later look at it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from registry import queries, signals, validation
from registry.artifacts import clean_files, manifest_digest
from registry.errors import Conflict, Invalid
from registry.models import Artifact, ArtifactCheck, ModelVersion, RegisteredModel
from registry.services.changing import tell, touch


def pin_artifact(
    version: ModelVersion,
    *,
    actor: AbstractBaseUser | None,
    location: str,
    digest: str = "",
    files: Iterable[Mapping[str, Any]] = (),
    parameters: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    run_id: str = "",
    run_link: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Artifact:
    """Writes down once where the version's files are and what they are."""
    files = clean_files(files)
    digest = validation.digest(digest) or (manifest_digest(files) if files else "")
    clean = {
        "location": validation.location(location),
        "digest": digest,
        "files": files,
        "run_id": validation.word(run_id, "run_id", longest=250),
        "run_link": validation.run_link(run_link),
        "parameters": validation.parameters(parameters),
        "metrics": validation.parameters(metrics, "metrics"),
        "facts": validation.parameters(facts, "facts"),
    }
    with transaction.atomic():
        model = _locked(version)
        if Artifact.objects.filter(version=version).exists():
            raise Conflict(f"The artifact of {version.label} is pinned already.", code="pinned")
        artifact = Artifact.objects.create(version=version, pinned_by=actor, **clean)
        touch(model)
        tell(
            signals.ARTIFACT_PINNED,
            version,
            actor=actor,
            location=artifact.location,
            digest=digest,
            files=len(files),
        )
    return artifact


def record_check(
    version: ModelVersion, *, digest: str = "", problem: str = ""
) -> ArtifactCheck:
    """Writes down one look at the artifact; a digest that differs from the last is told."""
    digest = validation.digest(digest)
    if bool(digest) == bool(problem):
        raise Invalid(
            "A check found a digest or met a problem, one of the two.", field="digest"
        )
    with transaction.atomic():
        model = _locked(version)
        before = queries.present_digest(version)
        check = ArtifactCheck.objects.create(
            version=version, digest=digest, problem=problem[:1000]
        )
        if digest and digest != before:
            touch(model)
            tell(signals.ARTIFACT_CHANGED, version, actor=None, before=before, after=digest)
    return check


def _locked(version: ModelVersion) -> RegisteredModel:
    """The model under its lock: a job acts for the server, whose right needs no asking."""
    return RegisteredModel.objects.select_for_update(no_key=True).get(pk=version.model_id)
