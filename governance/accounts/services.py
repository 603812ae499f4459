"""The acts on accounts: making people and API tokens."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from governance.accounts.models import ApiToken, Scope, User
from governance.accounts.zones import is_known
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Invalid

LONGEST_TOKEN_LIFE = timedelta(days=365)


def create_user(
    username: str,
    *,
    actor: User | None,
    password: str,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    groups: Sequence[str] = ("member",),
    check_password: bool = True,
) -> User:
    """Creates a person in the named groups; refuses a taken name and a weak password."""
    with transaction.atomic(durable=True):
        if User.objects.filter(username=username).exists():
            raise Invalid(f"The user name {username} is taken.", field="username")
        user = User(username=username, first_name=first_name, last_name=last_name, email=email)
        if check_password:
            refuse_weak(password, user)
        user.set_password(password)
        user.save()
        user.groups.set(Group.objects.filter(name__in=groups))
        audit.record(Event.USER_CREATED, user, actor=actor, groups=list(groups))
    return user


def refuse_weak(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from None


def set_time_zone(user: User, name: str) -> None:
    """Sets where the person lives, in the caller's transaction; nothing is the server's zone."""
    if name and not is_known(name):
        raise Invalid(
            "Name a time zone as IANA does, for example Europe/Zurich.", field="time_zone"
        )
    user.time_zone = name
    user.save(update_fields=["time_zone"])


def create_token(
    user: User, *, actor: User | None, name: str, scopes: Sequence[str], life: timedelta
) -> tuple[ApiToken, str]:
    """Creates a token and returns it with its plain text, which cannot be shown again."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise Invalid(
            f"Scopes are {', '.join(Scope.values)}; not {', '.join(unknown) or 'nothing'}.",
            field="scopes",
        )
    if not timedelta(0) < life <= LONGEST_TOKEN_LIFE:
        raise Invalid("A token lives between one second and 365 days.", field="expires_in")
    with transaction.atomic(durable=True):
        token, plain = ApiToken.objects.create(
            user=user, expiry=life, name=name, scopes=sorted(set(scopes))
        )
        audit.record(
            Event.TOKEN_CREATED,
            user,
            actor=actor,
            name=name,
            scopes=token.scopes,
            expires_at=token.expiry.isoformat(),
        )
    return token, plain


def revoke_token(token: ApiToken, *, actor: User | None) -> None:
    """Deletes the token at once."""
    with transaction.atomic(durable=True):
        token.delete()
        audit.record(Event.TOKEN_REVOKED, token.user, actor=actor, name=token.name)
