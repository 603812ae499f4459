"""What is told of an event, word for word as MLflow tells it; pure functions over plain values."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from governance.webhooks.events import Event
from registry.models import IS_PROMPT, PROMPT_TEXT

PROMPT_TYPE = "_mlflow_prompt_type"


def document(event: Event, data: Mapping, at: datetime) -> str:
    """The body of a delivery."""
    return json.dumps(
        {
            "entity": event.entity,
            "action": event.action,
            "timestamp": at.astimezone(UTC).isoformat(),
            "data": data,
        }
    )


def says_prompt(tags: Mapping[str, str]) -> bool:
    """Whether tags declare what carries them a prompt."""
    return tags.get(IS_PROMPT, "").lower() == "true"


def model_created(name: str, tags: Mapping[str, str], description: str) -> dict:
    return {"name": name, "tags": dict(tags), "description": description}


def prompt_created(name: str, tags: Mapping[str, str], description: str) -> dict:
    return {"name": name, "tags": _own_tags(tags), "description": description}


def version_created(
    name: str,
    number: int,
    tags: Mapping[str, str],
    description: str,
    *,
    source: str,
    run_id: str,
) -> dict:
    return {
        "name": name,
        "version": str(number),
        "source": source,
        "run_id": run_id or None,
        "tags": dict(tags),
        "description": description or None,
    }


def prompt_version_created(
    name: str, number: int, tags: Mapping[str, str], description: str
) -> dict:
    return {
        "name": name,
        "version": str(number),
        "template": tags.get(PROMPT_TEXT),
        "tags": _own_tags(tags),
        "description": description or None,
    }


def _own_tags(tags: Mapping[str, str]) -> dict:
    """The tags people gave, without those by which MLflow keeps prompts."""
    return {k: v for k, v in tags.items() if k not in (IS_PROMPT, PROMPT_TYPE, PROMPT_TEXT)}


_TAG = {"key": "example_key", "value": "example_value"}
_TAG_GONE = {"key": "example_key"}
_MODEL, _PROMPT = {"name": "example_model"}, {"name": "example_prompt"}
_TAGS = {"tags": {"example_key": "example_value"}}
_VERSION = {"version": "1"}
# What a test delivery says: MLflow's own examples.
EXAMPLES: dict[Event, dict] = {
    Event.MODEL_CREATED: {
        **_MODEL,
        **_TAGS,
        "description": "An example registered model",
    },
    Event.VERSION_CREATED: {
        **_MODEL,
        **_VERSION,
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        **_TAGS,
        "description": "An example model version",
    },
    Event.VERSION_TAG_SET: {**_MODEL, **_VERSION, **_TAG},
    Event.VERSION_TAG_DELETED: {**_MODEL, **_VERSION, **_TAG_GONE},
    Event.ALIAS_SET: {**_MODEL, "alias": "example_alias", **_VERSION},
    Event.ALIAS_DELETED: {**_MODEL, "alias": "example_alias"},
    Event.PROMPT_CREATED: {**_PROMPT, **_TAGS, "description": "An example prompt"},
    Event.PROMPT_VERSION_CREATED: {
        **_PROMPT,
        **_VERSION,
        "template": "Hello {{name}}!",
        **_TAGS,
        "description": "An example prompt version",
    },
    Event.PROMPT_TAG_SET: {**_PROMPT, **_TAG},
    Event.PROMPT_TAG_DELETED: {**_PROMPT, **_TAG_GONE},
    Event.PROMPT_VERSION_TAG_SET: {**_PROMPT, **_VERSION, **_TAG},
    Event.PROMPT_VERSION_TAG_DELETED: {**_PROMPT, **_VERSION, **_TAG_GONE},
    Event.PROMPT_ALIAS_SET: {**_PROMPT, "alias": "example_alias", **_VERSION},
    Event.PROMPT_ALIAS_DELETED: {**_PROMPT, "alias": "example_alias"},
    Event.BUDGET_EXCEEDED: {
        "budget_policy_id": "bp-abc123",
        "budget_unit": "USD",
        "budget_amount": 100.0,
        "current_spend": 105.5,
        "duration_unit": "MONTHS",
        "duration_value": 1,
        "target_scope": "ENDPOINT",
        "workspace": "default",
        "target_value": "ep-abc123",
        "window_start": 1704067200000,
    },
}
