"""registered-models/alias: where an alias points, and moving it past the gate."""

from governance.api.mlflow import models, versions, wire
from governance.api.mlflow.endpoint import Call
from governance.api.mlflow.errors import invalid, missing
from governance.release import services as release
from registry import queries, services

LATEST = "latest"


def set_alias(call: Call) -> None:
    alias = call.fields.required("alias")
    release.promote(versions.numbered(call), actor=call.user, alias=alias)


def delete(call: Call) -> None:
    alias = call.fields.required("alias")
    services.delete_alias(models.named(call), alias, actor=call.user)


def get(call: Call) -> str:
    name, alias = call.fields.required("name"), call.fields.required("alias")
    if alias.lower() == LATEST:
        return _latest(call)
    found = wire.version_at(name, alias, call.user)
    if found is None:
        models.named(call)
        raise invalid(f"Registered model alias {alias} not found.")
    return f'{{"model_version": {found}}}'


def _latest(call: Call) -> str:
    model = models.named(call)
    newest = queries.newest_version(model)
    if newest is None:
        raise missing(f"Latest version not found for model {model.name}.")
    found = wire.version(model.name, newest.number, call.user)
    return f'{{"model_version": {found}}}'
