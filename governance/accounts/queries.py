"""Questions about people's standing roles; duties on an object are RACI's to answer."""

from governance.accounts.models import User


def is_administrator(user: User) -> bool:
    """Whether the person runs this server (which gives no right to sign for a model)."""
    return user.is_active and (user.is_superuser or user.has_perm("accounts.change_user"))


def may_edit_policies(user: User) -> bool:
    return user.has_perm("policies.change_policy")


def reads_everything(user: User) -> bool:
    """Whether the person is an auditor or an administrator."""
    return user.has_perm("audit.view_entry")
