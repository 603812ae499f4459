"""Sign-in by password, as Django has it, with a person's permissions read in one statement."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

from governance.accounts.models import User


class PasswordBackend(ModelBackend):
    """Django asks for the permissions of the person and of their groups in two statements."""

    def get_all_permissions(self, user_obj: User, obj: object = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            theirs = Q(user=user_obj) | Q(group__user=user_obj)
            found = Permission.objects.filter(theirs).order_by().distinct()
            names = found.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in names}
        return user_obj._perm_cache
