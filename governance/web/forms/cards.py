"""What people write on a model card."""

from django import forms


class CardForm(forms.Form):
    overview = forms.CharField(
        max_length=200, required=False, help_text="What the model does, in a sentence or two."
    )
    intended_use = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Intended use",
        help_text="Who uses it for what.",
    )
    out_of_scope = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Out-of-scope use",
        help_text="What it must not be used for.",
    )
    limitations = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Where it is weak, and what the data do not cover.",
    )
