"""Which two evaluations are put side by side."""

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.evaluation.models import Evaluation


class CompareForm(forms.Form):
    first = forms.ChoiceField(label="First", help_text="Differences are first minus second.")
    second = forms.ChoiceField(label="Second", help_text="Measured on the same rows.")

    def __init__(self, evaluations: Sequence[Evaluation], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by_key = {str(one.pk): one for one in evaluations}
        choices = [(key, _named(one)) for key, one in self._by_key.items()]
        for field in self.fields.values():
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", "Choose two different evaluations.")
        return cleaned

    @property
    def chosen(self) -> tuple[Evaluation, Evaluation]:
        return tuple(self._by_key[self.cleaned_data[name]] for name in ("first", "second"))


def _named(evaluation: Evaluation) -> str:
    decided = f", threshold {evaluation.threshold:g}" if evaluation.has_threshold else ""
    return (
        f"v{evaluation.version.number} on {evaluation.dataset}{decided}, "
        f"{evaluation.created_at:%Y-%m-%d %H:%M}"
    )
