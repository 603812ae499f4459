"""What a person says about a chat channel."""

from django import forms
from django.contrib.auth.models import Group as People

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.notifications.chat.addresses import SCHEMES, open_schemes
from governance.notifications.chat.services import LONGEST_NAME
from governance.notifications.kinds import Group
from governance.outbound import LONGEST_URL


class ChannelForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME, help_text="Such as “risk, on Slack”.")
    scheme = forms.ChoiceField(label="Chat")
    address = forms.CharField(
        max_length=LONGEST_URL,
        help_text="The address of an incoming webhook, made in the chat. It is as good as a password: it is "
        "sealed, and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    groups = forms.MultipleChoiceField(
        choices=Group.choices, widget=forms.CheckboxSelectMultiple, label="It hears of"
    )
    people = forms.ModelChoiceField(
        People.objects.order_by("name"),
        required=False,
        label="For",
        empty_label="me alone",
        help_text="A channel of a group is told once of what its people are told.",
    )

    @classmethod
    def for_user(cls, user: User, data: object = None) -> "ChannelForm":
        form = cls(data)
        form.fields["scheme"].choices = [(one, SCHEMES[one]) for one in open_schemes()]
        if not is_administrator(user):
            del form.fields["people"]
        return form
