"""What a person says about a webhook."""

from django import forms

from governance.webhooks.events import TOLD_HERE
from governance.webhooks.services import LONGEST_SECRET
from governance.webhooks.standard.events import Governed

CHOICES = [(event.value, event.label) for event in TOLD_HERE]


class WebhookForm(forms.Form):
    name = forms.CharField(max_length=63, help_text="Letters, digits, “.”, “_” and “-”.")
    url = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="Begins with https:// and leads to the public internet, unless the operator of this "
        "server allows its host.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        choices=CHOICES, widget=forms.CheckboxSelectMultiple, label="It hears of"
    )
    secret = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        help_text="Signs every delivery; it is never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    description = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


class GovernanceForm(WebhookForm):
    """A webhook of governance events; the server makes its secret."""

    secret = None
    events = forms.MultipleChoiceField(
        choices=Governed.choices, widget=forms.CheckboxSelectMultiple, label="It hears of"
    )

    def changes(self) -> dict:
        return self.cleaned_data


class ChangeForm(WebhookForm):
    """The same for one that exists: its secret stays unless another is given."""

    secret = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        label="New secret",
        help_text="Leave it empty to keep the present one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    unsigned = forms.BooleanField(required=False, label="Send without a signature from now on")

    def changes(self) -> dict:
        """What to change, in the words of the service."""
        given = {**self.cleaned_data}
        unsigned, secret = given.pop("unsigned"), given.pop("secret")
        return {**given, "secret": "" if unsigned else secret or None}
