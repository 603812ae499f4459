"""What a person writes about a policy."""

from django import forms

from governance.policies.services import MAX_REASON
from governance.web.forms.signing import SigningForm


class DraftForm(forms.Form):
    name = forms.SlugField(
        max_length=80, help_text="Lower-case words with hyphens, such as credit-decisions."
    )
    seen = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    text = forms.CharField(
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 24,
                "wrap": "off",
                "spellcheck": "false",
                "autocapitalize": "off",
                "class": "editor-text",
            }
        ),
        label="Policy (YAML)",
    )


class PolicyReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}), label="Reason"
    )


class PublishForm(SigningForm):
    """The signature under a text; `seen` is the digest of what was read."""

    seen = forms.CharField(max_length=71, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why it may be published",
        help_text="What you checked; it stays with the version for ever.",
    )

    field_order = ["seen", "reason", "passkey", "password", "code"]
