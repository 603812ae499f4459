"""How lists of what people were told are narrowed."""

import django_filters as filters

from governance.notifications.models import MailState, Notification


class NotificationFilter(filters.FilterSet):
    mail_state = filters.MultipleChoiceFilter(
        choices=MailState, label="How far the mail has come, may be repeated"
    )
    kind = filters.CharFilter(label="Kind")
    subject_type = filters.CharFilter(label="Kind of what it is about")
    subject_id = filters.CharFilter(label="Id of what it is about")
    open = filters.BooleanFilter(
        field_name="settled_at", lookup_expr="isnull", label="Whether what was asked is open"
    )

    class Meta:
        model = Notification
        fields: list[str] = []
