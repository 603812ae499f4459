"""Whether the maker of a webhook may hear of something, by the rule of its own list: `visible_to`.

What has no such rule is for administrators.
"""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Model

from governance.accounts.queries import is_administrator

if TYPE_CHECKING:
    from governance.accounts.models import User


def may_see(subject: Model, user: "User") -> bool:
    return _may_see(type(subject), subject.pk, user)


def may_still_see(subject_type: str, subject_id: str, user: "User") -> bool:
    """The same for a subject that was named long ago, by the label of its class and its key."""
    return _may_see(apps.get_model(subject_type), subject_id, user)


def _may_see(kind: type[Model], key: object, user: "User") -> bool:
    if is_administrator(user):
        return True
    rows = kind._default_manager.all()
    return hasattr(rows, "visible_to") and rows.visible_to(user).filter(pk=key).exists()
