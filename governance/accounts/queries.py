"""Questions about people's standing roles; duties on an object are RACI's to answer."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from knox.crypto import hash_token

from governance.accounts.models import User

# Who answers for permissions by groups; what RACI gives on one object is guardian's.
BACKEND = "governance.accounts.backends.PasswordBackend"
BEARER = """
    SELECT u.*, t.scopes AS token_scopes, t.name AS token_name, t.expiry AS token_expiry, ARRAY(
        SELECT c.app_label || '.' || p.codename
        FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
        WHERE p.id IN (
            SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = u.id
            UNION ALL
            SELECT r.permission_id FROM auth_group_permissions r
            JOIN accounts_user_groups g ON g.group_id = r.group_id WHERE g.user_id = u.id)
    ) AS token_permissions
    FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id
    WHERE t.digest = %s AND (t.expiry IS NULL OR t.expiry > now()) AND u.is_active
"""


@dataclass(frozen=True)
class Bearer:
    """The owner of a token, and what the token may do."""

    user: User
    name: str
    scopes: list[str]
    expiry: datetime | None


def token_bearer(plain: str) -> Bearer | None:
    """Whose token this is, if it holds now; with all the person may, in one statement."""
    if not (plain.isascii() and plain.isalnum()):
        return None
    for user in User.objects.raw(BEARER, [hash_token(plain)]):
        # where Django's ModelBackend keeps what it would otherwise ask for
        user._perm_cache = set(user.token_permissions)
        return Bearer(user, user.token_name, user.token_scopes, user.token_expiry)
    return None


def is_administrator(user: User) -> bool:
    """Whether the person runs this server (which gives no right to sign for a model)."""
    return user.is_active and (user.is_superuser or user.has_perm("accounts.change_user"))


def may_edit_policies(user: User) -> bool:
    return user.has_perm("policies.change_policy")


def administrators() -> QuerySet[User]:
    """Everyone who runs this server."""
    found = User.objects.with_perm("accounts.change_user", backend=BACKEND)
    return found.filter(is_active=True)


def policy_editors() -> list[User]:
    """Everyone who may edit policies, administrators among them."""
    found = User.objects.with_perm(
        "policies.change_policy", include_superusers=False, backend=BACKEND
    )
    return list(found.filter(is_active=True).order_by("pk"))


def reads_everything(user: User) -> bool:
    """Whether the person is an auditor or an administrator."""
    return user.has_perm("audit.view_entry")
