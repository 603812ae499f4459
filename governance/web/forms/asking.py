"""What somebody says who asks for a decision besides that a version may serve."""

from typing import Any

from django import forms

from governance.usecases.models import UseCase


class AskingForm(forms.Form):
    statement = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Your statement",
        help_text="Why, for those who decide; it stands beside their signatures.",
    )


class LowerTierForm(AskingForm):
    tier = forms.TypedChoiceField(coerce=int, label="The tier asked for")

    field_order = ["tier", "statement"]

    def __init__(self, *args: Any, use_case: UseCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lower = [one for one in UseCase.Tier.choices if one[0] > use_case.tier]
        self.fields["tier"].choices = lower


class BaseModelForm(AskingForm):
    base_model = forms.CharField(
        max_length=500,
        label="The base model",
        help_text="Exactly as versions name it when they are registered.",
    )
    licence = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Licence",
        help_text="What may be done with it, and on which conditions.",
    )
    origin = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Origin",
        help_text="Who made it, and from which data as far as it is known.",
    )

    field_order = ["base_model", "licence", "origin", "statement"]
