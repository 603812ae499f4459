"""The only writers of the registry: every door comes through these functions."""

from registry.services.artifacts import pin_artifact, record_check
from registry.services.changing import all_or_nothing
from registry.services.models import create_model, delete_model, rename_model, update_model
from registry.services.pointers import delete_alias, set_alias, transition_stage
from registry.services.tags import delete_tag, set_tag
from registry.services.versions import create_version, delete_version, update_version

__all__ = [
    "all_or_nothing",
    "create_model",
    "create_version",
    "delete_alias",
    "delete_model",
    "delete_tag",
    "delete_version",
    "pin_artifact",
    "record_check",
    "rename_model",
    "set_alias",
    "set_tag",
    "transition_stage",
    "update_model",
    "update_version",
]
