"""What a person chooses about an API token."""

from datetime import timedelta

from django import forms

from governance.accounts.models import Scope


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, label="What it is for")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, label="It may"
    )
    life = forms.TypedChoiceField(
        choices=[(1, "1 day"), (30, "30 days"), (90, "90 days"), (365, "1 year")],
        coerce=lambda days: timedelta(days=int(days)),
        initial=30,
        label="It lives",
    )
