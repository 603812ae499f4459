"""What is asked for, decided and taken back about exceptions."""

from datetime import date

from django import forms

from governance.exceptions.models import Signature
from governance.exceptions.rules import long_date
from governance.reasons import LONGEST
from governance.web.forms.signing import SigningForm


class AskForm(forms.Form):
    """Why a version must go on although a rule is red, what keeps the risk small, and until when."""

    reason = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Why it must go on",
        help_text="What is lost without it, in words for those who answer for it.",
    )
    compensation = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What keeps the risk small meanwhile",
        help_text="Such as a person who reads each refusal.",
    )
    until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label="Last day"
    )

    def __init__(self, *args: object, last_day: date | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if last_day:
            self.fields["until"].help_text = f"At the latest {long_date(last_day)}."
            self.fields["until"].widget.attrs["max"] = last_day.isoformat()


class SignForm(SigningForm):
    decision = forms.ChoiceField(choices=Signature.Decision, widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Why, in your own words; it stays beside your name.",
    )


class EndForm(forms.Form):
    """Why it is withdrawn or revoked."""

    reason = forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))
