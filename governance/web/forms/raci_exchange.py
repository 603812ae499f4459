"""What a person sends to change a matrix by a table."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from raci.exchange import MAX_BYTES, Table, pasted, table_of
from raci.services import MAX_REASON


class TableForm(forms.Form):
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="A file",
        help_text="CSV or XLSX, such as the one you downloaded here.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=MAX_BYTES,
        label="Or cells copied from a spreadsheet",
        help_text="With the row that names the columns: key or activity, and the roles.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; a matrix has at most {MAX_BYTES:,}."
            )
        return file

    def clean(self) -> dict:
        fields = super().clean()
        if not self.errors and bool(fields.get("file")) == bool(fields["text"].strip()):
            raise forms.ValidationError("Choose a file or paste the cells, one of the two.")
        return fields

    def table(self) -> Table:
        """What was sent; Invalid says why it cannot be read."""
        file = self.cleaned_data["file"]
        return table_of(file.read()) if file else pasted(self.cleaned_data["text"])


class SaveForm(forms.Form):
    """What was shown before, as text, with the version against which it was shown."""

    text = forms.CharField(strip=False, max_length=MAX_BYTES, widget=forms.HiddenInput)
    expected = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False, max_length=MAX_REASON, help_text="Kept with the new version."
    )
