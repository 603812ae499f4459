"""What is entered about teams, and about who holds a role: a person or a team."""

from datetime import datetime

from django import forms
from django.db.models import Value

from governance.accounts.models import User
from governance.responsibility.carried import named
from governance.web.forms.people import Day, last_moment
from raci.models import Team
from raci.teams import LONGEST_NAME

PERSON, TEAM = "person", "team"


class TeamForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME, label="Name")


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose")

    def __init__(self, *args: object, team: Team, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        outside = User.objects.filter(is_active=True).exclude(raci_teams=team)
        self.fields["person"].queryset = outside.order_by("username")


class HolderForm(forms.Form):
    """Who gets a role: `person:<id>` or `team:<id>`."""

    role = forms.ChoiceField(label="Role")
    holder = forms.ChoiceField(label="Person or team")
    until = Day(required=False, label="Last day", help_text="Empty is until further notice.")

    def __init__(self, *args: object, roles: list[dict], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        titles = [(one["code"], one["title"]) for one in roles]
        self.fields["role"].choices = [("", "Choose"), *titles]
        self.fields["holder"].choices = [("", "Choose"), *_people_and_teams()]

    @property
    def chosen(self) -> User | Team:
        kind, _colon, pk = self.cleaned_data["holder"].partition(":")
        model = Team if kind == TEAM else User
        return model.objects.get(pk=pk)

    @property
    def ends(self) -> datetime | None:
        """When the last day is over; Invalid for a day that is over already."""
        return last_moment(self.cleaned_data["until"])


def _people_and_teams() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody with an active account and every team, as groups of choices; one query."""
    people = User.objects.filter(is_active=True).order_by()
    teams = Team.objects.order_by()
    rows = people.values_list(Value(PERSON), "pk", "username", "first_name", "last_name").union(
        teams.values_list(Value(TEAM), "pk", "name", Value(""), Value("")), all=True
    )
    groups: dict[str, list[tuple[str, str]]] = {"Teams": [], "People": []}
    for kind, pk, name, first, last in rows:
        if kind == TEAM:
            groups["Teams"].append((f"{kind}:{pk}", name))
        else:
            groups["People"].append((f"{kind}:{pk}", str(named(pk, name, first, last))))
    return [
        (title, sorted(found, key=lambda one: one[1].casefold()))
        for title, found in groups.items()
        if found
    ]
