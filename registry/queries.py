"""Reads over the registry for every door, and the one lock that changes are made under."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Max, Model, Q, QuerySet
from guardian.models import UserObjectPermission

from registry.errors import Invalid, NotFound
from registry.models import Alias, Artifact, ModelVersion, PointerKind, RegisteredModel, Stage

TWINS_WITHIN = timedelta(minutes=5)

# A scalar subquery and no join: whatever the rest of a statement finds first is looked up in
# guardian's index, row by row, so that a page never waits for all that a person may see.
GRANTED = """(SELECT true FROM guardian_userobjectpermission g
    WHERE g.user_id = %s AND g.content_type_id = %s AND g.object_pk = m.id::text
    AND g.permission_id = (SELECT id FROM auth_permission WHERE content_type_id = %s AND codename = %s)
    LIMIT 1)"""


def seen(user: AbstractBaseUser) -> tuple[str, list]:
    """What `visible_to` says, as a condition on the models `m` of a written statement."""
    granted, parameters = _permitted(user, "view_registeredmodel")
    return f"m.deleted_at IS NULL AND {granted}", parameters


def _permitted(user: AbstractBaseUser, codename: str) -> tuple[str, list]:
    if not user.is_active:
        return "FALSE", []
    if user.has_perm(f"registry.{codename}"):
        return "TRUE", []
    content_type = ContentType.objects.get_for_model(RegisteredModel).pk
    return GRANTED, [user.pk, content_type, content_type, codename]


def lock(
    model: RegisteredModel, *, user: AbstractBaseUser, right: str
) -> tuple[RegisteredModel, bool]:
    """Takes the row every change of what may be served waits for; refuses a deleted model.

    Tells besides whether the person may, as `may` does. NO KEY UPDATE: rows elsewhere may still be
    written that refer to the model.
    """
    visible, parameters = seen(user)
    permitted, more = _permitted(user, right)
    statement = f"""
        SELECT m.*, coalesce({visible} AND {permitted}, false) AS may FROM registry_registeredmodel m
        WHERE m.id = %s AND m.deleted_at IS NULL FOR NO KEY UPDATE
    """  # noqa: S608 - no value of a caller is in it
    found = list(RegisteredModel.objects.raw(statement, [*parameters, *more, model.pk]))
    if not found:
        raise NotFound(f"There is no model called {model.name}.", code="model_not_found")
    return found[0], found[0].may


def may(user: AbstractBaseUser, right: str, model: RegisteredModel) -> bool:
    """Whether the person holds the right on the model: register_version, move_alias or manage."""
    return (
        RegisteredModel.objects.filter(pk=model.pk)
        .visible_to(user)
        .permitted_to(user, right)
        .exists()
    )


def readers(model: RegisteredModel, *, among: Iterable[int]) -> set[int]:
    """Those of the given people who may see the model, or might before it was deleted: `visible_to` turned round."""
    people = get_user_model().objects
    everywhere = people.with_perm(
        "registry.view_registeredmodel", backend="django.contrib.auth.backends.ModelBackend"
    )
    granted = UserObjectPermission.objects.filter(
        content_type=ContentType.objects.get_for_model(RegisteredModel),
        permission__codename="view_registeredmodel",
        object_pk=str(model.pk),
    )
    may_see = Q(pk__in=granted.values("user_id")) | Q(pk__in=everywhere.values("pk"))
    found = people.filter(may_see, pk__in=set(among), is_active=True)
    return set(found.values_list("pk", flat=True))


def _columns(model: type[Model], table: str) -> str:
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


VERSION = (
    f"SELECT {_columns(RegisteredModel, 'm')}, {_columns(ModelVersion, 'v')} "  # noqa: S608
    "FROM registry_registeredmodel m JOIN registry_modelversion v ON v.model_id = m.id "
    "WHERE m.name = %s AND v.number = %s AND v.deleted_at IS NULL AND {visible}"
)


def _joined(row: Sequence[Any]) -> ModelVersion:
    """A version and its model from one row."""
    own = len(RegisteredModel._meta.concrete_fields)
    version = _object(ModelVersion, row[own:])
    version.model = _object(RegisteredModel, row[:own])
    return version


def _object(model: type[Model], values: Sequence[Any]) -> Any:
    fields = model._meta.concrete_fields
    read = [
        field.from_db_value(value, None, connection)
        if hasattr(field, "from_db_value")
        else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], read)


def model_named(name: str, *, user: AbstractBaseUser) -> RegisteredModel:
    """The live model of this name, if the person may see it."""
    visible, parameters = seen(user)
    statement = f"SELECT m.* FROM registry_registeredmodel m WHERE m.name = %s AND {visible}"  # noqa: S608
    if name.isprintable():
        for model in RegisteredModel.objects.raw(statement, [name, *parameters]):
            return model
    raise NotFound(f"There is no model called {name}.", code="model_not_found")


def version_numbered(name: str, number: int | str, *, user: AbstractBaseUser) -> ModelVersion:
    """The live version, if the person may see its model."""
    number = _integer(number)
    visible, parameters = seen(user)
    statement = VERSION.format(visible=visible)
    with connection.cursor() as cursor:
        if name.isprintable():
            cursor.execute(statement, [name, number, *parameters])
            if row := cursor.fetchone():
                return _joined(row)
    return live_version(model_named(name, user=user), number)


def live_version(model: RegisteredModel, number: int) -> ModelVersion:
    try:
        version = ModelVersion.objects.order_by().get(
            model=model, number=number, deleted_at=None
        )
    except ModelVersion.DoesNotExist:
        raise NotFound(
            f"{model.name} has no version {number}.",
            code="version_not_found",
            link=model.get_absolute_url(),
        ) from None
    version.model = model
    return version


def version_at(model: RegisteredModel, alias: str) -> ModelVersion:
    """The version an alias points to."""
    found = Alias.objects.filter(model=model, name=alias).select_related("version").first()
    if found is None:
        raise NotFound(f"{model.name} has no alias {alias}.", code="alias_not_found")
    found.version.model = model
    return found.version


PRESENT = """
    SELECT coalesce(
        (SELECT c.digest FROM registry_artifactcheck c
         WHERE c.version_id = v.id AND c.digest <> '' ORDER BY c.id DESC LIMIT 1),
        (SELECT a.digest FROM registry_artifact a WHERE a.version_id = v.id AND a.digest <> ''),
        v.digest),
        coalesce((SELECT nullif(a.digest, '') FROM registry_artifact a WHERE a.version_id = v.id), v.digest)
    FROM registry_modelversion v WHERE v.id = %s
"""


def present_digest(version: ModelVersion) -> str:
    """The digest found when the artifact was last read; before that, the one pinned or declared."""
    return digests(version)[0]


def digests(version: ModelVersion) -> tuple[str, str]:
    """The digest found when the artifact was last read, and the one it was pinned or declared with."""
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, [version.pk])
        return cursor.fetchone()


def location(version: ModelVersion) -> str:
    """Where the files are: as pinned, or else as the source says."""
    pinned = Artifact.objects.filter(version=version).values_list("location", flat=True)
    return pinned.first() or version.source


def twin_of(version: ModelVersion) -> ModelVersion | None:
    """An earlier version that the same person registered just before, alike in all they said of it.

    A client whose answer was lost registers again; nobody can tell that from meaning it twice.
    """
    return (
        ModelVersion.objects.filter(
            model=version.model,
            number__lt=version.number,
            source=version.source,
            run_id=version.run_id,
            logged_model_id=version.logged_model_id,
            description=version.description,
            parameters=version.parameters,
            created_by=version.created_by,
            created_at__gte=version.created_at - TWINS_WITHIN,
        )
        .exclude(source="")
        .order_by("-number")
        .first()
    )


def newest_version(model: RegisteredModel) -> ModelVersion | None:
    return model.versions.live().order_by("-number").first()


def newest_per_stage(model: RegisteredModel) -> QuerySet[ModelVersion]:
    newest = (
        model.versions.live().order_by().values("stage").annotate(newest=Max("number"))
    ).values("newest")
    return model.versions.live().filter(number__in=newest)


def pointers(model: RegisteredModel) -> Iterator[tuple[str, str, ModelVersion]]:
    """Everything that points to a live version: kind, name and the version."""
    for alias in Alias.objects.filter(model=model).select_related("version__model"):
        yield PointerKind.ALIAS, alias.name, alias.version
    staged = model.versions.live().exclude(stage=Stage.NONE).select_related("model")
    for version in staged.order_by("number"):
        yield PointerKind.STAGE, version.stage, version


def _integer(number: int | str) -> int:
    try:
        whole = int(number)
    except ValueError:
        raise Invalid(
            f"A version is a whole number, not “{number}”.", field="version"
        ) from None
    if not 0 < whole < 2**31:
        raise NotFound(f"There is no version {number}.", code="version_not_found")
    return whole
