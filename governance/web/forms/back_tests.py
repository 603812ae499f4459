"""What is asked of a back-test: which text, over which part of the past."""

from collections.abc import Iterable
from typing import Any

from django import forms

from governance.backtests.selection import Selection
from governance.policies.models import PolicyVersion
from governance.usecases.models import UseCase

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BackTestForm(forms.Form):
    policy_version = forms.ChoiceField(
        label="Policy", required=False, help_text="Any version, in force or not."
    )
    text = forms.CharField(
        label="Or a text that is no version yet",
        required=False,
        strip=False,
        max_length=65_536,
        widget=forms.Textarea(
            attrs={"rows": 5, "spellcheck": "false", "class": "font-monospace"}
        ),
        help_text="YAML. It is tried and kept with the back-test, and never in force.",
    )
    use_cases = forms.MultipleChoiceField(
        label="Use cases",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text="None chosen means all you may see.",
    )
    models = forms.MultipleChoiceField(
        label="Models",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text="None chosen means all you may see.",
    )
    tiers = forms.TypedMultipleChoiceField(
        label="Tiers",
        required=False,
        coerce=int,
        choices=UseCase.Tier.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateField(label="Evaluated since", required=False, widget=DAY)
    until = forms.DateField(label="Evaluated until", required=False, widget=DAY)
    only_served = forms.BooleanField(
        label="Only versions that ever served under a protected pointer", required=False
    )

    def __init__(
        self,
        versions: Iterable[PolicyVersion],
        use_cases: Iterable[UseCase],
        models: Iterable[str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._by_key = {str(one.pk): one for one in versions}
        named = [
            (key, f"{one.label} ({one.get_state_display().lower()})")
            for key, one in self._by_key.items()
        ]
        self.fields["policy_version"].choices = [("", "The text below"), *named]
        self.fields["use_cases"].choices = [(one.slug, one.title) for one in use_cases]
        self.fields["models"].choices = [(name, name) for name in models]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("policy_version") and cleaned.get("text", "").strip():
            self.add_error("text", "Choose a version or give a text, not both.")
        return cleaned

    @property
    def asked(self) -> dict[str, Any]:
        """The keywords of the service."""
        data = self.cleaned_data
        return {
            "policy_version": self._by_key.get(data["policy_version"]),
            "text": data["text"],
            "selection": self.selection,
        }

    @property
    def selection(self) -> Selection:
        data = self.cleaned_data
        return Selection(
            use_cases=tuple(data["use_cases"]),
            models=tuple(data["models"]),
            tiers=tuple(data["tiers"]),
            since=data["since"],
            until=data["until"],
            only_served=data["only_served"],
        )
