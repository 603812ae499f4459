"""What accounts hears: a new model gets its owner; sign-ins and failed ones are written down."""

from django.contrib.auth import signals as auth_signals
from django.db.models import Model

from governance.accounts import grants
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


def connect() -> None:
    changed.connect(own_new_model, dispatch_uid="accounts.own_new_model")
    auth_signals.user_logged_in.connect(write_sign_in, dispatch_uid="accounts.signed_in")
    auth_signals.user_login_failed.connect(
        write_failed_sign_in, dispatch_uid="accounts.sign_in_failed"
    )
