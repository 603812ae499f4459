"""What the registry tells the world; nobody here knows who listens.

`changed`: sent inside the transaction of a change, with `event` (one of the names below), `subject`
(a RegisteredModel or ModelVersion), `actor` (a user) and `data` (what changed). A receiver that
raises undoes the change.
`refused`: sent after the refused transaction has been left, with the same and `reasons`, so that
what a receiver writes survives the rollback.
"""

from django.dispatch import Signal

MODEL_CREATED = "registry.model.created"
MODEL_UPDATED = "registry.model.updated"
MODEL_RENAMED = "registry.model.renamed"
MODEL_DELETED = "registry.model.deleted"
VERSION_CREATED = "registry.version.created"
VERSION_UPDATED = "registry.version.updated"
VERSION_DELETED = "registry.version.deleted"
ALIAS_SET = "registry.alias.set"
ALIAS_DELETED = "registry.alias.deleted"
STAGE_CHANGED = "registry.stage.changed"
ARTIFACT_PINNED = "registry.artifact.pinned"
ARTIFACT_CHANGED = "registry.artifact.changed"
TAG_SET = "registry.tag.set"
TAG_DELETED = "registry.tag.deleted"

changed = Signal()
refused = Signal()
