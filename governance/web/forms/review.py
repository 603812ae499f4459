"""What those asked decide, advise or take back."""

from django import forms
from django.forms import formset_factory

from governance.approvals import findings
from governance.approvals.models import Vote
from governance.reasons import SHORTEST
from governance.web.forms.signing import SigningForm


class VoteForm(SigningForm):
    answers_need = forms.BooleanField(
        required=False, label="This answers the stated business need"
    )
    decision = forms.ChoiceField(choices=Vote.Decision, widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Why, in your own words; it stays beside your name.",
    )


class ConditionForm(forms.Form):
    """One condition of an approval; a row that is left empty is none."""

    text = forms.CharField(
        required=False,
        min_length=SHORTEST,
        max_length=findings.LONGEST_TEXT,
        label="What must be done",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner = forms.CharField(
        required=False, max_length=150, label="By whom", help_text="A user name."
    )
    due_on = forms.DateField(
        required=False, label="Until", widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict:
        data = self.cleaned_data
        if any(data.values()):
            for name in self.fields:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "A condition says what, by whom and until when.")
        return data


ConditionForms = formset_factory(ConditionForm, extra=2, max_num=findings.MOST)


def conditions(forms_: forms.BaseFormSet) -> list[findings.Condition]:
    """The rows that were filled in."""
    filled = [one.cleaned_data for one in forms_ if any(one.cleaned_data.values())]
    return [findings.Condition(**one) for one in filled]


class RoundForm(forms.Form):
    answer = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What you changed",
        help_text="Or why nothing has to change.",
    )


class CommentForm(forms.Form):
    about = forms.ChoiceField(required=False, label="About")
    text = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Your question",
        help_text="@name mails who is named.",
    )

    def __init__(self, *args: object, pieces: list[tuple[str, str]], **more: object) -> None:
        super().__init__(*args, **more)
        self.fields["about"].choices = [("", "The request as a whole"), *pieces]


class ReplyForm(forms.Form):
    text = forms.CharField(
        max_length=5000, widget=forms.Textarea(attrs={"rows": 2}), label="Your answer"
    )


class ReportForm(forms.Form):
    report = forms.CharField(
        max_length=findings.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What was done",
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        max_length=findings.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What is missing",
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
