"""The four groups and the model-wide permissions each carries; object permissions are in grants.py."""

from django.apps import apps as current_apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

ADMINISTRATOR = "administrator"
POLICY_EDITOR = "policy editor"
AUDITOR = "auditor"
MEMBER = "member"

READ_EVERYTHING = [
    "registry.view_registeredmodel",
    "usecases.view_usecase",
    "raci.view_matrix",
    "jobs.view_job",
    "audit.view_entry",
]
GROUP_PERMISSIONS = {
    ADMINISTRATOR: [
        *READ_EVERYTHING,
        "registry.add_registeredmodel",
        "registry.register_version",
        "registry.move_alias",
        "registry.manage",
        "usecases.add_usecase",
        "usecases.change_usecase",
        "raci.change_matrix",
        "policies.change_policy",
        "accounts.change_user",
    ],
    POLICY_EDITOR: ["policies.change_policy"],
    AUDITOR: READ_EVERYTHING,
    MEMBER: ["registry.add_registeredmodel", "usecases.add_usecase"],
}


def synchronise_groups(**_: object) -> None:
    """Creates the groups and sets exactly the permissions above; runs after every migration."""
    if not current_apps.is_installed("governance.accounts"):
        return
    for name, labels in GROUP_PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        wanted = Q(pk__in=[])
        for label in labels:
            app, codename = label.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))
