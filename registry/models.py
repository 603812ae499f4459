"""Models, their numbered versions, tags and movable pointers; not why a pointer may move."""

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Cast, Left
from guardian.models import UserObjectPermission

from registry.append_only import append_only_triggers, frozen_triggers

# The tags by which MLflow's client marks a prompt, and keeps the text of its version.
IS_PROMPT, PROMPT_TEXT = "mlflow.prompt.is_prompt", "mlflow.prompt.text"


class RegisteredModelQuerySet(models.QuerySet["RegisteredModel"]):
    def live(self) -> "RegisteredModelQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user: AbstractBaseUser) -> "RegisteredModelQuerySet":
        """Live models the person may see."""
        return self.live().permitted_to(user, "view_registeredmodel")

    def prompts(self) -> "RegisteredModelQuerySet":
        """Texts for language models, which MLflow's client keeps in the registry under a tag."""
        return self.filter(models.Exists(_prompt_tags()))

    def without_prompts(self) -> "RegisteredModelQuerySet":
        return self.exclude(models.Exists(_prompt_tags()))

    def permitted_to(self, user: AbstractBaseUser, codename: str) -> "RegisteredModelQuerySet":
        """Models on which the person holds the permission, for all models or for each, in one subquery."""
        if not user.is_active:
            return self.none()
        if user.has_perm(f"registry.{codename}"):
            return self
        granted = UserObjectPermission.objects.filter(
            user_id=user.pk,
            content_type=ContentType.objects.get_for_model(RegisteredModel),
            permission__codename=codename,
            # a key is looked up as text, so that guardian's index serves and nothing is cast back
            object_pk=Cast(models.OuterRef("pk"), models.CharField()),
        )
        return self.filter(models.Exists(granted))


def _prompt_tags() -> "models.QuerySet[ModelTag]":
    return ModelTag.objects.filter(model=models.OuterRef("pk"), key=IS_PROMPT, value="true")


class RegisteredModel(models.Model):
    """A named model. `last_number` only grows, so a version number is never used twice."""

    name = models.CharField(max_length=256)
    description = models.TextField(max_length=5000, blank=True)
    last_number = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = RegisteredModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [
            ("register_version", "Register versions, describe and tag them"),
            ("move_alias", "Move aliases and stages"),
            ("manage", "Rename and delete the model, delete versions"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(deleted_at=None),
                name="model_name_once_among_live",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/models/{quote(self.name, safe='')}/"

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class Stage(models.TextChoices):
    NONE = "None", "None"
    STAGING = "Staging", "Staging"
    PRODUCTION = "Production", "Production"
    ARCHIVED = "Archived", "Archived"


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def live(self) -> "ModelVersionQuerySet":
        return self.filter(deleted_at=None, model__deleted_at=None)

    def visible_to(self, user: AbstractBaseUser) -> "ModelVersionQuerySet":
        """Live versions of models the person may see."""
        return self.filter(
            deleted_at=None, model__in=RegisteredModel.objects.visible_to(user).values("pk")
        )


# What a version is made of; PostgreSQL refuses to change it.
FROZEN_WITH_VERSION = (
    "model",
    "number",
    "source",
    "digest",
    "run_id",
    "logged_model_id",
    "run_link",
    "parent",
    "code_commit",
    "training_data",
    "training_data_digest",
    "base_model",
    "container_digest",
    "environment_digest",
    "parameters",
    "created_by",
    "created_at",
)


class ModelVersion(models.Model):
    """One numbered version: what it is made of never changes, only description and stage do."""

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=2000, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    run_id = models.CharField(max_length=250, blank=True)
    logged_model_id = models.CharField(max_length=250, blank=True)
    run_link = models.CharField(max_length=500, blank=True)
    description = models.TextField(max_length=5000, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NONE)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    code_commit = models.CharField(max_length=250, blank=True)
    training_data = models.CharField(max_length=500, blank=True)
    training_data_digest = models.CharField(max_length=71, blank=True)
    base_model = models.CharField(max_length=500, blank=True)
    container_digest = models.CharField(max_length=71, blank=True)
    environment_digest = models.CharField(max_length=71, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="version_stage_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="version_newest"),
            models.Index(fields=["-updated_at"], name="version_last_updated"),
        ]
        triggers = frozen_triggers(*FROZEN_WITH_VERSION)

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"{self.model.get_absolute_url()}versions/{self.number}/"

    @property
    def label(self) -> str:
        """The version as people say it: “credit-scoring v3”."""
        return f"{self.model.name} v{self.number}"

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


# A tag is found by the beginning of its value: a B-tree holds no more.
INDEXED_VALUE = 200


class ModelTag(models.Model):
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="model_tag_once")]
        indexes = [models.Index("key", Left("value", INDEXED_VALUE), name="model_tag_value")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class VersionTag(models.Model):
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="version_tag_once")
        ]
        indexes = [models.Index("key", Left("value", INDEXED_VALUE), name="version_tag_value")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Alias(models.Model):
    """A movable pointer to a version; only registry.services writes it, after asking the gate."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=255)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="aliases")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "aliases"
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="alias_once")]

    def __str__(self) -> str:
        return f"{self.model.name}@{self.name}"


class Artifact(models.Model):
    """Where a version's files really are, their digest, and what was logged with them; never changed.

    `files` are `{path, size, sha256}`; `facts` is whatever else the run tells, by name.
    """

    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, related_name="artifact"
    )
    location = models.CharField(max_length=2000)
    digest = models.CharField(max_length=71, blank=True)
    files = models.JSONField(default=list)
    run_id = models.CharField(max_length=250, blank=True)
    run_link = models.CharField(max_length=500, blank=True)
    parameters = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    pinned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.version.label} at {self.location}"


class ArtifactCheck(models.Model):
    """One look at an artifact after it was pinned: the digest found, or why it could not be read."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="checks")
    digest = models.CharField(max_length=71, blank=True)
    problem = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["version", "-id"], name="check_newest")]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.version.label}: {self.digest or self.problem}"


class PointerKind(models.TextChoices):
    ALIAS = "alias", "alias"
    STAGE = "stage", "stage"


class AliasMoveQuerySet(models.QuerySet["AliasMove"]):
    def visible_to(self, user: AbstractBaseUser) -> "AliasMoveQuerySet":
        return self.filter(model__in=RegisteredModel.objects.visible_to(user).values("pk"))


class AliasMove(models.Model):
    """One move of a pointer, with the decision that allowed it; never changed or removed."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="moves")
    pointer_kind = models.CharField(max_length=5, choices=PointerKind)
    pointer = models.CharField(max_length=255)
    from_version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    to_version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    decision = models.JSONField()

    objects = AliasMoveQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["model", "pointer", "-id"], name="move_pointer")]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        came = self.from_version.label if self.from_version else "nowhere"
        went = self.to_version.label if self.to_version else "nowhere"
        return f"{self.pointer} from {came} to {went}"
