"""What a business owner writes when opening a use case."""

from django import forms

from governance.usecases.models import UseCase
from raci.organisation import beginnings


def template_choices() -> list[tuple[str, str]]:
    return [(one.key, one.title) for one in beginnings()]


class OpenForm(forms.Form):
    title = forms.CharField(max_length=120)
    need = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Business need",
        help_text="What the business must achieve, and for whom.",
    )
    tier = forms.TypedChoiceField(choices=UseCase.Tier.choices, coerce=int, label="Risk tier")
    positive_meaning = forms.CharField(
        max_length=200,
        label="A positive case is",
        help_text="Such as “the customer will not repay”.",
    )
    favourable_outcome = forms.ChoiceField(
        choices=UseCase.Favourable.choices, label="Favourable to the person is"
    )
    cost_false_positive = forms.FloatField(initial=1, label="Cost of a false alarm")
    cost_false_negative = forms.FloatField(initial=1, label="Cost of a missed positive")
    cost_unit = forms.CharField(max_length=40, required=False, label="Unit of cost")
    template = forms.ChoiceField(
        choices=template_choices,
        required=False,
        label="Responsibilities start from",
        help_text="A RACI matrix to begin with; it can be changed afterwards.",
    )
