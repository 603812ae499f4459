"""What a person writes about a policy."""

from django import forms

from governance.policies.services import MAX_REASON


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
