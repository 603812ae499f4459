"""Codes and passkeys at the sign-in: codes are taken once, under the lock-out that signatures have."""

from allauth.account.forms import ReauthenticateForm as ReauthenticatePasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError

from governance.accounts.authentication import confirm_code
from governance.errors import Conflict, NotAllowed


class _CodeOnce:
    """Takes the place of allauth's own check, which forgets a code after half a minute."""

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        try:
            self.authenticator = confirm_code(self.user, code)
        except (NotAllowed, Conflict) as refusal:
            raise ValidationError(refusal.sentence) from None
        return code


class ConfirmPasswordForm(ReauthenticatePasswordForm):
    """Without the link to mail a new password: an administrator gives one."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)
        self.fields["password"].help_text = ""


class SignInCodeForm(_CodeOnce, AuthenticateForm):
    pass


class ConfirmCodeForm(_CodeOnce, ReauthenticateForm):
    pass


# What allauth and fido2 raise at an answer that no passkey gave.
NONSENSE = (KeyError, TypeError, ValueError, AttributeError)


class _Readable:
    """Turns an answer that cannot be read into a sentence."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except NONSENSE:
            raise ValidationError("The passkey was not understood; use it again.") from None


class SignInPasskeyForm(_Readable, AuthenticateWebAuthnForm):
    pass


class ConfirmPasskeyForm(_Readable, ReauthenticateWebAuthnForm):
    pass


class NewPasskeyForm(AddWebAuthnForm):
    def clean(self) -> dict:
        try:
            return super().clean()
        except NONSENSE:
            raise ValidationError("The passkey was not understood; add it again.") from None
