"""The only writer of guardian rows: who may see and act on an object, derived from RACI.

Knows which RACI activities carry which permission; does not know what the objects are about.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from guardian.models import UserObjectPermission

from governance.accounts.models import User
from raci import queries as raci

# permission -> the activities whose R or A carry it
ACTIVITY_PERMISSIONS = {
    "registry.register_version": ["train_model", "register_version"],
    "registry.move_alias": ["release", "rollback"],
    "registry.manage": ["register_version"],
    "usecases.change_usecase": ["define_use_case"],
    "raci.change_matrix": ["define_use_case"],
}
ACCOUNTABLE_ONLY = {"registry.manage"}
VIEW = {
    "registry.registeredmodel": "registry.view_registeredmodel",
    "usecases.usecase": "usecases.view_usecase",
    "raci.matrix": "raci.view_matrix",
}


# One statement for the many: every model that a pipeline registers passes here.
GRANT = """
    INSERT INTO guardian_userobjectpermission (user_id, object_pk, content_type_id, permission_id)
    SELECT %s, %s, content_type_id, id FROM auth_permission
    WHERE content_type_id = %s AND codename = ANY(%s) ON CONFLICT DO NOTHING
"""


def derive(objects: Iterable[Model], *, scope: str) -> None:
    """Makes the guardian rows of the objects exactly what the matrix of the scope says today."""
    participants = set(raci.participants(scope).values_list("pk", flat=True))
    holders = {
        permission: _holders(scope, permission, activities)
        for permission, activities in ACTIVITY_PERMISSIONS.items()
    }
    for subject in objects:
        label = subject._meta.label_lower
        wanted = {(VIEW[label], user) for user in participants}
        app = subject._meta.app_label
        for permission, users in holders.items():
            if permission.startswith(f"{app}."):
                wanted |= {(permission, user) for user in users}
        _set(subject, wanted)


def own(subject: Model, user: User) -> None:
    """Gives the maker of a new object outside any matrix every right on it."""
    label = subject._meta.label_lower
    app = subject._meta.app_label
    permissions = [VIEW[label], *(p for p in ACTIVITY_PERMISSIONS if p.startswith(f"{app}."))]
    content_type = ContentType.objects.get_for_model(subject)
    with connection.cursor() as cursor:
        cursor.execute(
            GRANT,
            [
                user.pk,
                str(subject.pk),
                content_type.pk,
                [p.partition(".")[2] for p in permissions],
            ],
        )


def _holders(scope: str, permission: str, activities: list[str]) -> set[int]:
    duties = ["A"] if permission in ACCOUNTABLE_ONLY else ["R", "A"]
    return {
        pk
        for activity in activities
        for duty in duties
        for pk in raci.holders(scope, activity, duty).values_list("pk", flat=True)
    }


def _set(subject: Model, wanted: set[tuple[str, int]]) -> None:
    content_type = ContentType.objects.get_for_model(subject)
    permissions = {
        f"{content_type.app_label}.{p.codename}": p
        for p in Permission.objects.filter(content_type=content_type)
    }
    rows = UserObjectPermission.objects.filter(
        content_type=content_type, object_pk=str(subject.pk)
    ).select_related("permission")
    present = {
        (f"{content_type.app_label}.{r.permission.codename}", r.user_id): r.pk for r in rows
    }
    gone = [pk for key, pk in present.items() if key not in wanted]
    UserObjectPermission.objects.filter(pk__in=gone).delete()
    UserObjectPermission.objects.bulk_create(
        [
            UserObjectPermission(
                permission=permissions[name],
                user_id=user,
                content_type=content_type,
                object_pk=str(subject.pk),
            )
            for name, user in wanted
            if (name, user) not in present
        ],
        ignore_conflicts=True,
    )
