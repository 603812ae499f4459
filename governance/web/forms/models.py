"""What a person chooses about a model."""

from django import forms

from governance.usecases.models import UseCase


class AdoptForm(forms.Form):
    """The view narrows the use cases to those the reader may see."""

    use_case = forms.ModelChoiceField(UseCase.objects.none(), label="Adopt into the use case")
