from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.webhooks import rules

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_two_hundred_and_something_is_delivered(status):
    assert rules.is_delivered(status)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_trouble_of_the_receiver_is_worth_another_try(status):
    assert rules.is_worth_another_try(status)
    assert not rules.is_delivered(status)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 401, 403, 404, 410, 413, 422])
def test_a_refusal_or_a_redirect_is_not_tried_again(status):
    assert not rules.is_worth_another_try(status)
    assert not rules.is_delivered(status)


def test_waits_grow_and_end_within_the_age_a_delivery_may_reach():
    waits = [rules.wait_after(n) for n in range(1, rules.MOST_ATTEMPTS)]

    assert waits == sorted(waits)
    assert sum(waits) < rules.LONGEST_AGE.total_seconds()
    assert rules.wait_after(rules.MOST_ATTEMPTS) is None
    assert rules.wait_after(rules.MOST_ATTEMPTS + 3) is None


@pytest.mark.parametrize(
    ("asked", "waited"), [(None, 10), (1, 10), (60, 60), (10**9, 24 * 3600)]
)
def test_a_receiver_is_asked_no_sooner_than_it_wishes_within_a_day(asked, waited):
    assert rules.wait_after(1, retry_after=asked) == waited


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0),
        ("Fri, 02 Jan 2026 03:05:05", 60),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header, seconds):
    assert rules.seconds_from(header, NOW) == seconds


@given(st.text())
def test_whatever_retry_after_says_it_is_read_or_passed_over(header):
    seconds = rules.seconds_from(header, NOW)

    assert seconds is None or seconds >= 0


def test_only_a_receiver_that_is_away_or_overloaded_rests():
    assert rules.rest_after(1, None) == 10
    assert rules.rest_after(99, None) == 3600
    assert rules.rest_after(1, 429, retry_after=100) == 100
    assert rules.rest_after(1, 503, retry_after=10**9) == 3600
    assert rules.rest_after(5, 500) == 0
    assert rules.rest_after(5, 404) == 0
