"""People who are told something."""

from datetime import timedelta

from django.utils import timezone

from governance.notifications import services
from governance.notifications.models import Notification
from tests.accounts.factories import person

FACTS = {
    "version": "credit-scoring v3",
    "use_case": "Credit",
    "evidence": "AUC 0.79 on 400 rows.",
    "why": "You are Accountable for Approve or reject the release.",
}


def tell(*users, kind="request_closed", title="Approved: credit-scoring v3", **more):
    """Tells each of the users of Root's account, for want of a better subject."""
    return services.tell(
        users,
        kind,
        subject=more.pop("subject", users[0]),
        title=title,
        line="Ada asks that credit-scoring v3 may serve.",
        url="/approvals/7/",
        context={**FACTS, **more.pop("context", {})},
        **more,
    )


def choose(username, **preferences):
    user = person(username)
    services.set_preferences(user, actor=user, **preferences)
    return user


def later(**time):
    """Lets time pass for everything that waits."""
    past = timedelta(**time)
    for row in Notification.objects.waiting():
        for name in ("created_at", "next_try_at", "first_tried_at"):
            moment = getattr(row, name)
            if moment:
                setattr(row, name, moment - past)
        row.save()


def make_due():
    """The hour has come for all that waits."""
    Notification.objects.waiting().update(next_try_at=timezone.now())
