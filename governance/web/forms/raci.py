"""What a person sends from the editor of a matrix: the letters of all cells, and what they began on."""

from django import forms

from raci.edits import Edit, cleaned
from raci.services import MAX_REASON
from raci.versions import cells


class GridForm(forms.Form):
    expected = forms.IntegerField(
        min_value=1, max_value=2_147_483_647, widget=forms.HiddenInput
    )
    reason = forms.CharField(
        required=False,
        max_length=MAX_REASON,
        label="Why",
        help_text="For those who read the versions later.",
    )

    def edits(self, began_on: dict) -> list[Edit]:
        """The cells that were sent and differ from the matrix they were thought out on."""
        before = cells(began_on)
        sent = [
            Edit(*name.split(":", 2)[1:], letters)
            for name, letters in self.data.items()
            if name.startswith("cell:") and name.count(":") == 2
        ]
        return [
            edit
            for edit in sent
            if cleaned(edit.letters) != before.get((edit.activity_key, edit.role_code), "")
        ]


class RestoreForm(forms.Form):
    expected = forms.IntegerField(min_value=1, max_value=2_147_483_647)
