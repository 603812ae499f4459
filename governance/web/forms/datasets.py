"""What a person says about a data set."""

from django import forms

from governance.datasets.services import LONGEST_TEXT
from governance.usecases.models import UseCase


class SensitiveFields(forms.CharField):
    """Column names, separated by commas."""

    def clean(self, value: object) -> list[str]:
        return [name.strip() for name in super().clean(value).split(",") if name.strip()]

    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value


class SaidForm(forms.Form):
    licence = forms.CharField(
        required=False, max_length=200, help_text="An SPDX name, or who allowed what."
    )
    sensitive_fields = SensitiveFields(
        required=False,
        label="Sensitive columns",
        help_text="Column names, separated by commas: what people must not be treated by.",
    )
    description = forms.CharField(
        required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )


class DataSetForm(SaidForm):
    field_order = ["name", "version", "use_case", "source", "period_start", "period_end"]

    name = forms.CharField(max_length=200)
    version = forms.CharField(required=False, max_length=100, help_text="For example 2024-06.")
    use_case = forms.ModelChoiceField(
        UseCase.objects.none(), required=False, empty_label="None yet", to_field_name="slug"
    )
    source = forms.FileField(
        label="File",
        help_text="Parquet or CSV. The same file is stored once.",
        allow_empty_file=True,
    )
    period_start, period_end = (
        forms.DateField(
            required=False, label=label, widget=forms.DateInput(attrs={"type": "date"})
        )
        for label in ("Covers from", "Covers until")
    )

    def __init__(self, *given: object, use_cases: object, **options: object) -> None:
        super().__init__(*given, **options)
        self.fields["use_case"].queryset = use_cases
