"""Each gets mail as they want it: at once, once a day, never; and not at night."""

from datetime import UTC, datetime, time

import pytest
from django.core import mail

from governance.audit.models import Entry
from governance.errors import Invalid, NotFound
from governance.notifications import routing, services
from governance.notifications.kinds import GROUPS, Group
from governance.notifications.models import MailState, Notification, Preferences
from governance.notifications.queries import preferences_of
from governance.settings import BASE_DIR
from tests.accounts.factories import person
from tests.notifications.factories import choose, later, make_due, tell

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 10, 11, tzinfo=UTC)
NIGHT = datetime(2026, 1, 10, 22, tzinfo=UTC)


def routed(row, now):
    row = Notification.objects.select_related("user__mail_preferences").get(pk=row.pk)
    row.created_at = NOON
    return routing.route(row, now)


def test_every_mail_has_a_group_and_both_its_forms():
    folder = BASE_DIR / "templates" / "mail"
    forms = [
        {one.stem for one in folder.glob(f"*.{ending}") if not one.stem.startswith("_")}
        - {"base", "digest"}
        for ending in ("txt", "html")
    ]

    assert forms[0] == forms[1] == set(GROUPS)


def test_who_has_chosen_nothing_is_mailed_at_once_at_any_hour():
    [row] = tell(person("ada"))

    assert routed(row, NIGHT) is None


def test_a_group_of_the_daily_mail_waits_for_its_hour_in_the_readers_zone():
    ada = choose("ada", deliveries={"told": "digest"}, digest_hour=9, time_zone="Asia/Kolkata")
    [row] = tell(ada)

    assert routed(row, NOON) == routing.Hold(
        datetime(2026, 1, 11, 3, 30, tzinfo=UTC), for_digest=True
    )


def test_other_groups_come_as_before():
    ada = choose("ada", deliveries={"told": "digest"})
    [row] = tell(ada, kind="advice_requested")

    assert routed(row, NOON) is None


def test_a_group_nobody_wants_is_not_mailed_and_stands_on_the_page():
    ada = choose("ada", deliveries={"told": "never"})
    [row] = tell(ada)

    services.send_waiting()

    row.refresh_from_db()
    assert mail.outbox == []
    assert (row.mail_state, row.last_error) == (MailState.NONE, routing.CHOSEN)


def test_mail_waits_until_the_quiet_hours_end():
    ada = choose("ada", quiet_from=time(20), quiet_until=time(7), time_zone="Europe/Zurich")
    [row] = tell(ada)

    assert routed(row, NOON) is None
    assert routed(row, NIGHT) == routing.Hold(datetime(2026, 1, 11, 6, tzinfo=UTC))


def test_a_daily_mail_that_was_slept_through_waits_for_the_end_of_the_quiet_hours():
    ada = choose("ada", deliveries={"told": "digest"}, quiet_from=time(20), quiet_until=time(7))
    [row] = tell(ada)
    two_days_later = datetime(2026, 1, 12, 21, tzinfo=UTC)

    assert routed(row, two_days_later) == routing.Hold(
        datetime(2026, 1, 13, 7, tzinfo=UTC), for_digest=True
    )


def test_what_one_must_sign_cannot_be_silenced():
    with pytest.raises(Invalid, match="To sign comes at_once or digest") as refused:
        choose("ada", deliveries={"to_sign": "never"})

    assert refused.value.field == "to_sign"
    assert not Preferences.objects.exists()


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"deliveries": {"gossip": "never"}}, "deliveries"),
        ({"deliveries": {"told": "sometimes"}}, "told"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"quiet_from": time(22)}, "quiet_until"),
        ({"quiet_until": time(7)}, "quiet_from"),
        ({"quiet_from": time(7), "quiet_until": time(7)}, "quiet_until"),
        ({"quiet_from": time(7), "quiet_until": time(9)}, "digest_hour"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_what_cannot_be_wanted_is_told_at_its_field(chosen, field):
    with pytest.raises(Invalid) as refused:
        choose("ada", **chosen)

    assert refused.value.field == field
    assert person("ada").time_zone == ""


def test_what_is_not_named_stays_as_it_is():
    choose(
        "ada",
        deliveries={"told": "never"},
        digest_hour=18,
        quiet_from=time(22),
        quiet_until=time(6),
    )
    ada = choose("ada", deliveries={"system": "never"})

    kept = preferences_of(ada)
    assert kept.deliveries == {"told": "never", "system": "never"}
    assert (kept.digest_hour, kept.quiet_from) == (18, time(22))
    assert kept.delivery_of(Group.DUTIES) == "at_once"
    assert Entry.objects.filter(event="notifications.preferences.set").count() == 2


def test_nobody_chooses_for_another():
    with pytest.raises(NotFound):
        services.set_preferences(
            person("ada"), actor=person("root", "administrator"), deliveries={"told": "never"}
        )


def test_a_new_choice_holds_for_what_waits():
    ada = choose("ada", deliveries={"told": "digest"})
    tell(ada)
    services.send_waiting()
    assert mail.outbox == []

    choose("ada", deliveries={"told": "at_once"})
    services.send_waiting()

    assert len(mail.outbox) == 1


def test_a_new_choice_takes_nothing_from_a_worker_that_is_sending():
    [row] = tell(person("ada"))
    Notification.objects.update(attempts=1, next_try_at=NOON.replace(year=2999))

    choose("ada", digest_hour=9)

    row.refresh_from_db()
    assert row.next_try_at.year == 2999


def test_a_digest_is_one_mail_of_all_that_waits_by_group_each_with_its_link(settings):
    ada = choose("ada", deliveries={"to_sign": "digest", "told": "digest"})
    [asked] = tell(ada, kind="approval_requested", title="To sign: v3", due=NOON)
    tell(ada, title="Approved: v1")
    tell(ada, title="Approved: v2")
    services.send_waiting()
    later(days=1)

    assert services.send_digests() == 1
    assert services.send_digests() == 0
    services.send_waiting()

    [letter] = mail.outbox
    assert letter.subject == "Imprimatur: 1 to sign, 2 told how it went on"
    text = letter.body
    assert text.index("TO SIGN") < text.index("To sign: v3") < text.index("Approved: v1")
    assert text.index("Approved: v1") < text.index("Approved: v2")
    assert "Due 10 January 2026, 11:00 UTC" in text
    assert f"{settings.PUBLIC_URL}/links/{asked.pk}:" in text
    assert f"{settings.PUBLIC_URL}/approvals/7/" in text
    assert "Approved: v2" in letter.alternatives[0][0]
    assert set(Notification.objects.values_list("mail_state", flat=True)) == {MailState.SENT}


def test_days_of_downtime_make_one_digest():
    ada = choose("ada", deliveries={"told": "digest"})
    for _ in range(3):
        tell(ada)
        services.send_waiting()
        later(days=1)

    assert services.send_digests() == 1
    assert len(mail.outbox) == 1


def test_what_was_told_while_every_worker_slept_is_in_the_next_digest():
    ada = choose("ada", deliveries={"told": "digest"})
    tell(ada)
    later(days=1)  # nobody has looked at it yet

    services.send_waiting()

    assert services.send_digests() == 1


def test_a_digest_that_is_not_due_waits():
    ada = choose("ada", deliveries={"told": "digest"})
    tell(ada)
    services.send_waiting()

    assert services.send_digests() == 0


def test_an_account_closed_meanwhile_gets_no_digest():
    ada = choose("ada", deliveries={"told": "digest"})
    tell(ada)
    services.send_waiting()
    ada.is_active = False
    ada.save()
    make_due()

    assert services.send_digests() == 0
    assert Notification.objects.get().last_error == routing.CLOSED
