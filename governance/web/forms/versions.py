"""What somebody says who asks that a version may serve."""

from django import forms


class AskForm(forms.Form):
    statement = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Your statement",
        help_text="Why this version, for those who decide; it stands beside their signatures.",
    )
