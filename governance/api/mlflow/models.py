"""registered-models/…: the acts and reads on a model."""

from governance.api.mlflow import finding, wire
from governance.api.mlflow.endpoint import Call
from governance.api.mlflow.errors import Fault, missing
from governance.api.mlflow.search import MODELS, parse_filter, parse_order
from registry import queries, services, validation
from registry.errors import Conflict, NotFound
from registry.models import RegisteredModel, Stage

DEFAULT_RESULTS = 100
MOST_RESULTS = 1_000


def named(call: Call, name: str = "") -> RegisteredModel:
    """The model the call names, in MLflow's words if it is not there."""
    name = name or call.fields.required("name")
    try:
        return queries.model_named(name, user=call.user)
    except NotFound:
        raise not_found(name) from None


def not_found(name: str) -> Fault:
    return missing(f"Registered Model with name={name} not found")


def create(call: Call) -> str:
    name = call.fields.required("name")
    tags, description = call.fields.tags(), call.fields.text("description")
    try:
        made = services.create_model(name, actor=call.user, description=description, tags=tags)
    except Conflict:
        raise _taken(name) from None
    return f'{{"registered_model": {wire.new_model(made, tags)}}}'


def get(call: Call) -> str:
    return shown(call, call.fields.required("name"))


def update(call: Call) -> str:
    model = named(call)
    services.update_model(model, actor=call.user, description=call.fields.text("description"))
    return shown(call, model.name)


def rename(call: Call) -> str:
    model, new = named(call), call.fields.required("new_name")
    try:
        services.rename_model(model, new, actor=call.user)
    except Conflict as error:
        raise _taken(new) if error.code == "name_taken" else error from None
    return shown(call, new)


def delete(call: Call) -> None:
    services.delete_model(named(call), actor=call.user)


def search(call: Call) -> str:
    fields = call.fields
    return finding.search(
        finding.MODELS,
        parse_filter(fields.text("filter"), MODELS),
        parse_order(fields.texts("order_by"), MODELS),
        most=fields.bounded("max_results", DEFAULT_RESULTS, MOST_RESULTS),
        token=fields.text("page_token"),
        user=call.user,
    )


def latest_versions(call: Call) -> str:
    model = named(call)
    stages = [validation.stage(stage) for stage in call.fields.texts("stages")]
    found = wire.newest_per_stage(model.name, stages or Stage.values, call.user)
    return f'{{"model_versions": {found}}}'


def set_tag(call: Call) -> None:
    key, value = call.fields.required("key"), call.fields.text("value")
    services.set_tag(named(call), key, value, actor=call.user)


def delete_tag(call: Call) -> None:
    key = call.fields.required("key")
    services.delete_tag(named(call), key, actor=call.user)


def shown(call: Call, name: str) -> str:
    found = wire.model(name, call.user)
    if found is None:
        raise not_found(name)
    return f'{{"registered_model": {found}}}'


def _taken(name: str) -> Fault:
    return Fault("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={name}) already exists.")
