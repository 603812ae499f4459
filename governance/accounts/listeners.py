"""What accounts hears: a new model gets its owner; sign-ins and second factors are written down."""

from allauth.core import context
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals
from django.db.models import Model
from django.db.models.signals import post_save

from governance.accounts import factors, grants
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from registry.signals import changed


def own_new_model(event: str, subject: Model, actor: User | None, **_: object) -> None:
    if event == Event.MODEL_CREATED and actor is not None:
        grants.own(subject, actor)


def write_sign_in(user: User, **_: object) -> None:
    audit.record(Event.SIGNED_IN, user, actor=user)


def write_failed_sign_in(credentials: dict, **_: object) -> None:
    user = User.objects.filter(username=credentials.get("username", "")).first()
    if user:
        audit.record_refusal(
            Event.SIGN_IN_FAILED, user, actor=None, reasons=["The password did not match."]
        )


def write_factor_added(instance: Authenticator, created: bool, **_: object) -> None:
    """In the transaction that adds it; the code an app was set up with confirms nothing else."""
    if not created:
        return
    if instance.type == Authenticator.Type.TOTP and context.request:
        factors.mark_used(instance, context.request.POST.get("code", ""))
    owner = instance.user
    audit.record(Event.FACTOR_ADDED, owner, actor=owner, factor=factors.words_for(instance))


def write_factor_removed(user: User, authenticator: Authenticator, **_: object) -> None:
    audit.record(
        Event.FACTOR_REMOVED, user, actor=user, factor=factors.words_for(authenticator)
    )


def connect() -> None:
    changed.connect(own_new_model, dispatch_uid="accounts.own_new_model")
    auth_signals.user_logged_in.connect(write_sign_in, dispatch_uid="accounts.signed_in")
    auth_signals.user_login_failed.connect(
        write_failed_sign_in, dispatch_uid="accounts.sign_in_failed"
    )
    post_save.connect(
        write_factor_added, sender=Authenticator, dispatch_uid="accounts.factor_added"
    )
    factor_signals.authenticator_removed.connect(
        write_factor_removed, dispatch_uid="accounts.factor_removed"
    )
