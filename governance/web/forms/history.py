"""The moment a reader asks about."""

from datetime import datetime, time

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

MINUTE = "%Y-%m-%dT%H:%M"


class MomentForm(forms.Form):
    at = forms.CharField(
        label="What served on",
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
    )

    def clean_at(self) -> datetime:
        """The end of a day, the minute, or now; in the reader's zone unless another is named."""
        given = self.cleaned_data["at"].strip()
        if not given:
            return timezone.now()
        try:
            found = parse_date(given) if len(given) <= len("2026-01-01") else None
            moment = datetime.combine(found, time.max) if found else parse_datetime(given)
            if moment is None:
                raise ValueError
            aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                "Write a day and a time, such as 2026-01-31 14:00."
            ) from None
        today = found and found == timezone.localdate()
        return timezone.now() if today else aware
