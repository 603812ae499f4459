"""What a webhook may wait for: exactly the pairs of entity and action MLflow knows."""

from django.db import models


class Event(models.TextChoices):
    MODEL_CREATED = "registered_model.created", "Model registered"
    VERSION_CREATED = "model_version.created", "Version registered"
    VERSION_TAG_SET = "model_version_tag.set", "Tag of a version set"
    VERSION_TAG_DELETED = "model_version_tag.deleted", "Tag of a version removed"
    ALIAS_SET = "model_version_alias.created", "Alias set"
    ALIAS_DELETED = "model_version_alias.deleted", "Alias removed"
    PROMPT_CREATED = "prompt.created", "Prompt registered"
    PROMPT_VERSION_CREATED = "prompt_version.created", "Version of a prompt registered"
    PROMPT_TAG_SET = "prompt_tag.set", "Tag of a prompt set"
    PROMPT_TAG_DELETED = "prompt_tag.deleted", "Tag of a prompt removed"
    PROMPT_VERSION_TAG_SET = "prompt_version_tag.set", "Tag of a prompt's version set"
    PROMPT_VERSION_TAG_DELETED = (
        "prompt_version_tag.deleted",
        "Tag of a prompt's version removed",
    )
    PROMPT_ALIAS_SET = "prompt_alias.created", "Alias of a prompt set"
    PROMPT_ALIAS_DELETED = "prompt_alias.deleted", "Alias of a prompt removed"
    # Of MLflow's AI gateway: clients may ask for it, nothing here ever tells it.
    BUDGET_EXCEEDED = "budget_policy.exceeded", "Budget exceeded"

    @property
    def entity(self) -> str:
        return self.value.partition(".")[0]

    @property
    def action(self) -> str:
        return self.value.partition(".")[2]


TOLD_HERE = tuple(event for event in Event if event != Event.BUDGET_EXCEEDED)
ENTITIES = tuple(dict.fromkeys(event.entity for event in Event))
ACTIONS = ("created", "updated", "deleted", "set", "exceeded")


def actions_of(entity: str) -> list[str]:
    """The actions an entity has, in the order of the alphabet."""
    return sorted(event.action for event in Event if event.entity == entity)
