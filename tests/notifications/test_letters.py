"""How a mail is written: headers, thread, both forms, and its calendar entry."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail

from governance.notifications import services
from governance.notifications.models import Notification
from tests.accounts.factories import person
from tests.notifications.factories import FACTS, choose, tell

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 7, 10, 15, tzinfo=UTC)


def sent():
    services.send_waiting()
    return mail.outbox


def attached(letter):
    return [part for part in letter.message().walk() if part.get_filename()]


def test_mails_about_one_thing_make_a_thread_and_others_do_not():
    ada = person("ada")
    tell(ada, kind="approval_requested")
    tell(ada)
    tell(ada, subject=person("bo"))

    first, second, other = sent()

    assert first.extra_headers["References"] == second.extra_headers["References"]
    assert first.extra_headers["In-Reply-To"] == first.extra_headers["References"]
    assert first.extra_headers["References"] != other.extra_headers["References"]
    assert len({one.extra_headers["Message-ID"] for one in (first, second, other)}) == 3


def test_a_mail_says_that_nobody_wrote_it_and_where_to_want_fewer(settings):
    tell(person("ada"))

    message = sent()[0].message()

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{settings.PUBLIC_URL}/me/#mail>"
    assert "List-Unsubscribe-Post" not in message  # nothing changes without signing in


def test_the_html_carries_its_style_and_fetches_nothing():
    tell(person("ada"), kind="approval_requested")

    html = sent()[0].alternatives[0][0]

    assert "prefers-color-scheme: dark" in html
    assert 'style="display: none' in html  # the preheader
    assert html.index("AUC 0.79 on 400 rows.") < html.index("<h1")
    assert "max-width: 600px" in html
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|@import|src=", html)


def test_a_mail_says_what_why_me_by_when_and_what_to_mind():
    ada = choose("ada", time_zone="Europe/Zurich")
    context = {"reasons": ["four fifths: 0.78, wanted at least 0.80."]}
    tell(ada, kind="approval_requested", due=DUE, context=context)

    [letter] = sent()

    for form in (letter.body, letter.alternatives[0][0]):
        assert FACTS["evidence"] in form
        assert FACTS["why"] in form
        assert "10 July 2026, 17:00 CEST" in form
        assert "four fifths: 0.78, wanted at least 0.80." in form


def test_what_is_due_comes_with_an_entry_for_the_calendar():
    [row] = tell(person("ada"), kind="approval_requested", due=DUE)

    [letter] = sent()

    [part] = attached(letter)
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "PUBLISH"
    text = part.get_payload(decode=True).decode()
    assert f"SEQUENCE:{row.pk}\r\n" in text
    assert "DTEND:20260710T150000Z\r\n" in text


def test_a_later_entry_replaces_the_one_before():
    ada, bo = person("ada"), person("bo")
    for _ in range(2):
        tell(ada, bo, kind="approval_requested", subject=ada, due=DUE)

    found = [
        (
            re.search("UID:(.*)\r", text)[1],
            int(re.search(r"SEQUENCE:(\d+)", text)[1]),
        )
        for letter in sent()
        for text in [attached(letter)[0].get_payload(decode=True).decode()]
    ]

    (ada_1, first), (bo_1, _), (ada_2, second), (bo_2, _) = found
    assert ada_1 == ada_2 and bo_1 == bo_2 and ada_1 != bo_1
    assert second > first


def test_without_a_due_date_nothing_is_attached():
    tell(person("ada"), kind="approval_requested")

    assert attached(sent()[0]) == []


def test_what_is_settled_is_not_asked_for_any_more():
    ada, bo = person("ada"), person("bo")
    tell(ada, bo, kind="approval_requested", subject=ada)
    tell(bo, kind="request_closed", subject=ada)

    services.settle(ada, user=ada)

    assert {one.to[0] for one in sent()} == {"Bo <bo@example.org>"}
    row = Notification.objects.get(user=ada)
    assert (row.mail_state, row.last_error) == ("none", services.SETTLED)
    assert row.settled_at


def test_what_is_over_for_all_is_asked_of_nobody():
    ada, bo = person("ada"), person("bo")
    tell(ada, bo, kind="approval_requested", subject=ada)

    services.settle(ada)

    assert sent() == []


def test_when_it_is_over_the_entry_leaves_the_calendar_of_who_had_one():
    ada, bo = person("ada"), person("bo")
    tell(ada, kind="approval_requested", subject=ada, due=DUE)
    sent()
    tell(ada, bo, kind="request_closed", subject=ada)

    asked, to_ada, to_bo = sent()

    first, last = (
        attached(one)[0].get_payload(decode=True).decode() for one in (asked, to_ada)
    )
    assert re.search("UID:.*\r", first)[0] == re.search("UID:.*\r", last)[0]
    assert "STATUS:CANCELLED" in last and "VALARM" not in last
    assert attached(to_bo) == []


def test_lines_of_what_somebody_wrote_stay_lines():
    services.tell(
        [person("ada")],
        "request_told",
        subject=person("ada"),
        title="Bo on v3",
        line="Why 0.30?\n<b>And</b> the young?",
        url="/approvals/7/#talk",
        context=FACTS,
    )

    [letter] = sent()

    assert "Why 0.30?<br>&lt;b&gt;And&lt;/b&gt; the young?" in letter.alternatives[0][0]
    assert "Why 0.30?\n<b>And</b> the young?" in letter.body
