"""What a person chooses about their mail."""

from django import forms
from django.conf import settings

from governance.accounts.models import User
from governance.accounts.zones import names
from governance.notifications.kinds import EXPLAINED, Group, deliveries_of
from governance.notifications.queries import preferences_of


class Clock(forms.TimeField):
    """A time of day by the browser's own picker."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PreferencesForm(forms.Form):
    """A choice for each group, the hour of the daily mail, quiet hours, and the zone they are in."""

    digest_hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        label="The daily mail comes at",
    )
    quiet_from = Clock(
        required=False,
        label="Quiet from",
        help_text="Mail that would come at once waits until the quiet hours end.",
    )
    quiet_until = Clock(required=False, label="Quiet until")
    time_zone = forms.ChoiceField(required=False, label="Your time zone")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        servers = ("", f"The server's ({settings.TIME_ZONE})")
        self.fields["time_zone"].choices = [servers, *((name, name) for name in names())]
        for group in Group:
            self.fields[group] = forms.ChoiceField(
                choices=[(one, one.label) for one in deliveries_of(group)],
                label=group.label,
                help_text=EXPLAINED[group],
            )

    @property
    def of_groups(self) -> list[forms.BoundField]:
        return [self[group] for group in Group]

    @property
    def of_hours(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    @classmethod
    def of(cls, user: User) -> "PreferencesForm":
        """The form with what the person has chosen."""
        kept = preferences_of(user)
        return cls(
            initial={
                **{group: kept.delivery_of(group) for group in Group},
                "digest_hour": kept.digest_hour,
                "quiet_from": kept.quiet_from,
                "quiet_until": kept.quiet_until,
                "time_zone": user.time_zone,
            }
        )

    def choices(self) -> dict[str, object]:
        """As the service takes them."""
        chosen = dict(self.cleaned_data)
        deliveries = {group.value: chosen.pop(group) for group in Group}
        return {"deliveries": deliveries, **chosen}
