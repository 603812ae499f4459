"""How long steps wait and took: by step, role and signer, on weekdays, of what a person may see."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from governance.approvals import waits
from governance.approvals.models import Request, Vote
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.crowds import late
from tests.approvals.factories import judged, open_request, sign, story

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def seconds(since, until):
    """What the database counts between two moments in the server's zone."""
    moments = {"since": since, "until": until, "zone": "Europe/Berlin"}
    counted = waits.weekdays("%(since)s::timestamptz", "%(until)s::timestamptz")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counted}", moments)
        return timedelta(seconds=float(cursor.fetchone()[0]))


def at(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (at(2), at(3), DAY),
        (at(6), at(9), DAY),  # Friday to Monday
        (at(7), at(8), 0 * DAY),  # within a weekend
        (at(7), at(9), DAY / 2),  # the Monday only
        (at(2), at(16), 10 * DAY),
        (at(27), at(30), DAY),  # clocks go forward in this night
    ],
)
def test_weekends_do_not_count(since, until, expected):
    assert seconds(since, until) == expected


def another(told, number):
    version = registry.create_version(
        told.version.model, actor=person("ada"), source=f"s3://models/{number}"
    )
    return open_request(judged(told.use_case, version, told.policy, by=person("ada")))


def signed_after(request, username, hours):
    """Signs, as if the request had been asked so long before; on weekdays, whatever day it is."""
    sign(request, username)
    monday = at(2, 9)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    Request.objects.filter(pk=request.pk).update(opened_at=monday, round_began_at=monday)
    Vote.objects.filter(step__request=request).update(signed_at=monday + timedelta(hours=hours))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_the_median_is_by_step_and_by_signer_with_n_and_no_interval_below_six():
    told = story()
    requests = [open_request(told), another(told, 2), another(told, 3)]
    for request, hours in zip(requests, (1, 10, 4), strict=True):
        signed_after(request, "rui", hours)

    found = waits.taken(person("bo"))

    [step] = found.steps
    [signer] = found.others
    assert (step.key, step.n, step.median) == ("validation", 3, timedelta(hours=4))
    assert (signer.key, signer.title, signer.n) == ("rui", "Rui", 3)
    assert (step.low, step.high) == (None, None)


def test_from_six_on_an_interval_of_order_statistics_stands_beside_the_median():
    told = story()
    requests = [open_request(told), *(another(told, number) for number in range(2, 7))]
    for hours, request in enumerate(requests, start=1):
        signed_after(request, "rui", hours)

    [step] = waits.taken(person("bo")).steps

    assert (step.n, step.median) == (6, timedelta(hours=3.5))
    assert (step.low, step.high) == (timedelta(hours=1), timedelta(hours=6))


def test_a_later_step_is_timed_from_the_signature_before_it():
    request = open_request()
    signed_after(request, "rui", 30)
    sign(request, "bo")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    Vote.objects.filter(user__username="bo").update(signed_at=at(2, 9) + timedelta(hours=35))

    assert {one.key: one.median for one in waits.taken(person("bo")).steps} == {
        "validation": timedelta(hours=30),
        "release": timedelta(hours=5),
    }


def test_what_waits_is_counted_by_step_and_by_role_with_its_age():
    told = story()
    first = open_request(told)
    sign(another(told, 2), "rui")
    late(first, days=14)

    found = waits.waiting(person("bo"))

    assert {one.key: one.count for one in found.steps} == {"validation": 1, "release": 1}
    oldest = next(one for one in found.steps if one.key == "validation")
    assert timedelta(days=10) <= oldest.longest < timedelta(days=10, hours=1)
    assert ("Risk and validation", 1) in [(one.key, one.count) for one in found.others]
    assert ("Business owner", 1) in [(one.key, one.count) for one in found.others]


def test_nobody_sees_figures_of_requests_they_may_not_see():
    sign(open_request(), "rui")
    stranger = person("cy")

    assert waits.waiting(stranger).steps == []
    assert waits.taken(stranger).steps == waits.taken(stranger).others == []


def test_the_figures_lead_to_the_requests_they_count(client):
    told = story()
    first, second = open_request(told), another(told, 2)
    sign(second, "rui")
    client.force_login(person("bo"))

    def listed(query):
        return [one.pk for one in client.get(f"/approvals/?{query}").context["page"]]

    assert listed("waits_at=validation") == [first.pk]
    assert listed("waits_at=release") == [second.pk]
    assert listed("waits_for=Business+owner") == [second.pk]
    assert listed("signed_by=rui") == listed("signed_step=validation") == [second.pk]
    assert listed("") == [second.pk, first.pk]
    page = client.get("/portfolio/").content.decode()
    assert "?waits_at=validation" in page
    assert "?signed_by=rui" in page


def test_an_abstention_is_no_signature():
    request = open_request()
    sign(request, "rui", decision="abstain")

    assert waits.taken(person("bo")).steps == []
