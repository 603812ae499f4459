"""What an administrator says and gives when a factor of somebody is removed."""

from allauth.mfa.models import Authenticator
from django import forms
from django.utils.text import capfirst

from governance.accounts.factors import words_for
from governance.accounts.lost_factors import LONGEST_REASON
from governance.web.forms.signing import SigningForm


class FactorChoice(forms.ModelChoiceField):
    def label_from_instance(self, factor: Authenticator) -> str:
        return capfirst(words_for(factor))


class RemovalForm(SigningForm):
    """One factor of one person; the administrator confirms it with what is their own."""

    factor = FactorChoice(
        queryset=None, widget=forms.RadioSelect, empty_label=None, label="Which is lost"
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="How you know that it is them who asked",
        help_text="It stays in the trail.",
    )
    field_order = ["factor", "reason", "password", "code"]

    def __init__(self, *args: object, owned: object, **more: object) -> None:
        super().__init__(*args, two_factors=False, **more)
        self.fields["factor"].queryset = owned
        del self.fields["passkey"]
        self.fields["password"].help_text = "Removing asks for it again."
