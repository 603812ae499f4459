"""What an administrator says about another MLflow server."""

from django import forms

from governance.connections.services import LONGEST_SECRET


class ConnectionForm(forms.Form):
    name = forms.CharField(max_length=63)
    url = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="Begins with https:// and leads to the public internet, unless the operator of this "
        "server allows its host.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    username = forms.CharField(
        required=False, max_length=250, help_text="Leave it empty for a token."
    )
    secret = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        label="Token or password",
        help_text="Kept unreadable and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    hook_secret = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        label="Secret of its webhooks",
        help_text="With one, that server may post its events here, and changes are seen at once.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    for_tracking = forms.BooleanField(
        required=False, initial=True, label="Look up runs and artifacts there"
    )
    for_registry = forms.BooleanField(
        required=False, label="Take over its registry and keep comparing"
    )
    move_back = forms.BooleanField(
        required=False,
        label="Set an alias back there when it moved without clearance",
        help_text="The token must be allowed to edit models there.",
    )
