"""What is entered about who stands in: deputies, absences, handing over."""

from datetime import date, datetime, time

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import Invalid
from raci.models import Matrix


class Day(forms.DateField):
    """A day by the browser's own picker."""

    widget = forms.DateInput(attrs={"type": "date"})


def active_people(besides: User) -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(pk=besides.pk).order_by("username")


def first_moment(day: date | None) -> datetime | None:
    """When the day begins; a day that has begun is from now."""
    if day is None or day <= timezone.localdate():
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def last_moment(day: date | None, field: str = "until") -> datetime | None:
    """When the day is over."""
    if day is None:
        return None
    if day < timezone.localdate():
        raise Invalid("The last day is over.", field=field)
    return timezone.make_aware(datetime.combine(day, time.max))


class PeriodForm(forms.Form):
    since = Day(required=False, label="First day", help_text="Empty is from now.")
    until = Day(required=False, label="Last day", help_text="Empty is until further notice.")

    @property
    def period(self) -> dict[str, datetime | None]:
        """As services take it: from the first moment of one day to the last of another."""
        return {
            "since": first_moment(self.cleaned_data["since"]),
            "until": last_moment(self.cleaned_data["until"]),
        }


class AbsenceForm(PeriodForm):
    """When the person is away."""


class DeputyForm(PeriodForm):
    field_order = ["deputy", "matrix", "since", "until"]

    deputy = forms.ModelChoiceField(User.objects.none(), label="Deputy")
    matrix = forms.ModelChoiceField(
        Matrix.objects.none(), required=False, empty_label="Everywhere", label="Where"
    )

    def __init__(self, *args: object, person: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = active_people(person)
        held = Matrix.objects.filter(roles__holders__user=person).distinct()
        self.fields["matrix"].queryset = held


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label="To")
    matrix = forms.ModelChoiceField(
        Matrix.objects.none(), required=False, empty_label="Every matrix", label="Where"
    )
    reason = forms.CharField(max_length=500, label="Reason")

    def __init__(self, *args: object, person: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = active_people(person)
        held = Matrix.objects.filter(roles__holders__user=person).distinct()
        self.fields["matrix"].queryset = held
