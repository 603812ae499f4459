"""What somebody says who has a version's artifact tried: files and limits."""

from django import forms

from governance.infra.services import LEAST_MEMORY_MB, MEMORY_MB, SECONDS


class InfraCheckForm(forms.Form):
    artifact = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Artifact",
        help_text="The ONNX file, or the model's folder as .zip. Its digest must be the registered one.",
    )
    rows = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Sample rows",
        help_text="CSV or Parquet with the model's inputs; without it rows are made up.",
    )
    golden = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Golden rows",
        help_text="The same with a column named like an output, such as probabilities[1].",
    )
    seconds = forms.IntegerField(
        initial=SECONDS,
        min_value=1,
        label="Time limit",
        help_text="Seconds for the whole trial.",
    )
    memory_mb = forms.IntegerField(
        initial=MEMORY_MB,
        min_value=LEAST_MEMORY_MB,
        label="Memory limit",
        help_text="Megabytes.",
    )
    p95_ms = forms.FloatField(
        required=False, min_value=0, label="Latency limit", help_text="p95 of one row, in ms."
    )
    lowest = forms.FloatField(required=False, label="Smallest answer allowed")
    highest = forms.FloatField(
        required=False, label="Largest answer allowed", help_text="0 and 1 for probabilities."
    )

    def sent(self) -> dict:
        """What was filled in, as keywords of the service."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value is not None and value != ""
        }
