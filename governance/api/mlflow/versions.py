"""model-versions/…: the acts and reads on a version, its stage among them."""

from governance.api.mlflow import finding, models, wire
from governance.api.mlflow.endpoint import Call
from governance.api.mlflow.errors import Fault, missing
from governance.api.mlflow.search import VERSIONS, parse_filter, parse_order
from governance.release import services as release
from registry import queries, services
from registry.errors import NotFound
from registry.models import ModelVersion

DEFAULT_RESULTS = 10_000
MOST_RESULTS = 200_000


def numbered(call: Call) -> ModelVersion:
    """The version the call names, in MLflow's words if it is not there."""
    name, number = call.fields.required("name"), call.fields.number("version")
    try:
        return queries.version_numbered(name, number, user=call.user)
    except NotFound as error:
        raise (
            models.not_found(name)
            if error.code == "model_not_found"
            else not_found(name, number)
        ) from None


def not_found(name: str, number: int | str) -> Fault:
    return missing(f"Model Version (name={name}, version={number}) not found")


def create(call: Call) -> str:
    fields, tags = call.fields, call.fields.tags()
    version = services.create_version(
        models.named(call),
        actor=call.user,
        source=fields.required("source"),
        run_id=fields.text("run_id"),
        run_link=fields.text("run_link"),
        model_id=fields.text("model_id"),
        description=fields.text("description"),
        tags=tags,
    )
    return f'{{"model_version": {wire.new_version(version, tags)}}}'


def get(call: Call) -> str:
    return _shown(call, call.fields.required("name"), call.fields.number("version"))


def update(call: Call) -> str:
    description = call.fields.text("description")
    version = services.update_version(numbered(call), actor=call.user, description=description)
    return _shown(call, version.model.name, version.number)


def delete(call: Call) -> None:
    services.delete_version(numbered(call), actor=call.user)


def transition(call: Call) -> str:
    version = release.enter_stage(
        numbered(call),
        call.fields.required("stage"),
        actor=call.user,
        archive_existing=call.fields.truth("archive_existing_versions"),
    )
    return _shown(call, version.model.name, version.number)


def search(call: Call) -> str:
    fields = call.fields
    return finding.search(
        finding.VERSIONS,
        parse_filter(fields.text("filter"), VERSIONS),
        parse_order(fields.texts("order_by"), VERSIONS),
        most=fields.bounded("max_results", DEFAULT_RESULTS, MOST_RESULTS),
        token=fields.text("page_token"),
        user=call.user,
    )


def download_uri(call: Call) -> dict:
    return {"artifact_uri": queries.location(numbered(call))}


def set_tag(call: Call) -> None:
    key, value = call.fields.required("key"), call.fields.text("value")
    services.set_tag(numbered(call), key, value, actor=call.user)


def delete_tag(call: Call) -> None:
    key = call.fields.required("key")
    services.delete_tag(numbered(call), key, actor=call.user)


def _shown(call: Call, name: str, number: int) -> str:
    found = wire.version(name, number, call.user)
    if found is None:
        models.named(call, name)
        raise not_found(name, number)
    return f'{{"model_version": {found}}}'
