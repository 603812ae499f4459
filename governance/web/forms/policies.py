"""What a person writes about a policy."""

from django import forms


class DraftForm(forms.Form):
    name = forms.SlugField(
        max_length=80, help_text="Lower-case words with hyphens, such as credit-decisions."
    )
    text = forms.CharField(
        strip=False,
        max_length=65_536,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "class": "font-monospace"}
        ),
        label="Policy (YAML)",
        help_text="It is checked when saved; nothing changes for anybody until it is published.",
    )
