"""Where a version's source leads: the absolute place, its files and what the run tells; writes nothing."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from governance.connections.client import Reader, Run
from governance.errors import Conflict, NotFound
from registry.models import ModelVersion

LOGGED, RUN = "models:/m-", "runs:/"
COMMIT, USER = "mlflow.source.git.commit", "mlflow.user"
MOST_TOLD = 200
LONGEST_TOLD = 500


@dataclass(frozen=True)
class Resolved:
    """What `registry.services.pin_artifact` writes down."""

    location: str
    files: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    run_id: str = ""
    run_link: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def is_resolvable(source: str) -> bool:
    """Whether the source says what it is but not on which server."""
    return source.startswith((LOGGED, RUN)) or (
        source.startswith("mlflow-artifacts:") and not urlsplit(source).netloc
    )


def resolve(version: ModelVersion, reader: Reader) -> Resolved:
    """Asks the server where the source leads; NotFound when it does not know."""
    model_id, run_id, place = _named(version)
    run = None
    if not model_id and run_id:
        run = reader.run(run_id)
        model_id, place = _of_run(run, version.source, place, reader)
    parameters: dict[str, str] = {}
    metrics: dict[str, float] = {}
    if model_id:
        logged = reader.logged_model(model_id)
        run_id, place = logged.info.source_run_id or run_id, logged.info.artifact_uri
        parameters = {one.key: one.value for one in logged.data.params}
        metrics = {one.key: one.value for one in logged.data.metrics}
    if run is None and run_id:
        run = reader.run(run_id)
    location = reader.address_of(place)
    if urlsplit(location).scheme in {"", "file"}:
        raise Conflict(
            "The tracking server keeps this artifact in a folder of its own and does not hand it "
            "out; start it with --artifacts-destination."
        )
    readable = reader.serves(location)
    facts: dict[str, Any] = {} if readable else {"unread": "Kept in a store of its own."}
    if run:
        parameters = {one.key: one.value for one in run.data.params} | parameters
        metrics = {one.key: one.value for one in run.data.metrics} | metrics
        facts |= _facts(run)
    return Resolved(
        location=location,
        files=reader.files(location) if readable else [],
        parameters=_bounded(parameters),
        metrics={key: one for key, one in _bounded(metrics).items() if _is_finite(one)},
        run_id=run_id,
        run_link=_run_link(reader, run),
        facts=facts,
    )


def _named(version: ModelVersion) -> tuple[str, str, str]:
    """The logged model, the run and the place that the version names."""
    source = version.source
    place = source if source.startswith("mlflow-artifacts:") else ""
    model_id = version.logged_model_id if not place else ""
    return model_id, version.run_id, place


def _of_run(run: Run, source: str, place: str, reader: Reader) -> tuple[str, str]:
    """The logged model behind `runs:/<run>/<name>`, or the place below the run's own artifacts."""
    if place:
        return "", place
    name = source.removeprefix(RUN).partition("/")[2].strip("/")
    for output in run.outputs.model_outputs:
        try:
            if reader.logged_model(output.model_id).info.name == name:
                return output.model_id, ""
        except NotFound:
            continue
    return "", f"{run.info.artifact_uri.rstrip('/')}/{name}"


def _facts(run: Run) -> dict[str, Any]:
    """The data sets and the commit of the run and who ran it, as it tells them."""
    found: dict[str, Any] = {}
    sets = [
        {
            "name": one.dataset.name,
            "digest": one.dataset.digest,
            "kind": one.dataset.source_type,
        }
        for one in run.inputs.dataset_inputs[:50]
    ]
    tags = {tag.key: tag.value for tag in run.data.tags}
    commit, user = tags.get(COMMIT, ""), tags.get(USER, "")
    if sets:
        found["data_sets"] = sets
    if commit:
        found["commit"] = commit[:250]
    if user:
        found["user"] = user[:250]
    return found


def _run_link(reader: Reader, run: Run | None) -> str:
    if run is None:
        return ""
    experiment, name = quote(run.info.experiment_id, safe=""), quote(run.info.run_id, safe="")
    link = f"{reader.base}/#/experiments/{experiment}/runs/{name}"
    return link if len(link) <= LONGEST_TOLD else ""


def _bounded(given: dict[str, Any]) -> dict[str, Any]:
    return {
        _clean(key): _clean(value) if isinstance(value, str) else value
        for key, value in list(given.items())[:MOST_TOLD]
    }


def _clean(text: str) -> str:
    return text.replace("\x00", "")[:LONGEST_TOLD]


def _is_finite(value: float) -> bool:
    return abs(value) < float("inf")
