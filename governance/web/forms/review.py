"""What those asked decide, advise or take back."""

from django import forms

from governance.approvals.models import Vote


class VoteForm(forms.Form):
    """The password is asked again at every signature and never sent back."""

    answers_need = forms.BooleanField(
        required=False, label="This answers the stated business need"
    )
    decision = forms.ChoiceField(choices=Vote.Decision, widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Why, in your own words; it stays beside your name.",
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        label="Your password",
        help_text="Signing asks for it again.",
    )


class AdviceForm(forms.Form):
    advice = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Your advice",
        help_text="It informs those who sign and binds nobody.",
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
