"""What confirms a signature: the password, a code or a passkey; nothing of it is ever sent back."""

from django import forms

from governance.accounts.factors import Factors


class _Unsent:
    """What confirms something serves once, so it is not sent back with what was typed."""

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        return super().get_context(name, None, attrs)


class HiddenInput(_Unsent, forms.HiddenInput):
    pass


class CodeInput(_Unsent, forms.TextInput):
    pass


class SigningForm(forms.Form):
    """Asks for what the signer has, and marks as needed what the policy asks for."""

    passkey = forms.CharField(required=False, max_length=20_000, widget=HiddenInput)
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        label="Your password",
        help_text="Signing asks for it again.",
    )
    code = forms.CharField(
        required=False,
        max_length=20,
        label="Code of your app",
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="Six digits; each code confirms once.",
    )

    def __init__(
        self, *args: object, factors: Factors, two_factors: bool, **more: object
    ) -> None:
        super().__init__(*args, **more)
        self.factors, self.two_factors = factors, two_factors
        self.fields["password"].required = two_factors or not factors.any
        # Who lacks a factor may set one up beside the page and come back to what was typed.
        if not factors.app and not self.lacks_factor:
            del self.fields["code"]

    @property
    def lacks_factor(self) -> bool:
        return self.two_factors and not self.factors.any
