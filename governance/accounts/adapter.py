"""How allauth behaves here: nobody signs up by themselves, and secrets are sealed."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from governance.accounts.models import User
from governance.sealing import seal, unseal

PURPOSE = "second factor"


class ClosedAdapter(DefaultAccountAdapter):
    """Refuses sign-up; accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SealedFactors(DefaultMFAAdapter):
    """Keeps the secrets of apps and recovery codes so that only this server reads them."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is wrong.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, PURPOSE)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return "My passkey"
