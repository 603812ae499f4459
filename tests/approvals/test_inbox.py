"""Whose signatures wait: one's own, those of people one works with, and late ones; also thousands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.approvals import queries
from governance.approvals.candidates import PAGE, Show, candidates
from governance.approvals.findings import Condition
from governance.approvals.models import Request, Step
from governance.dashboards.my_work import my_work
from raci import queries as matrices
from raci import teams
from raci.models import Deputy
from registry import services as registry
from tests.approvals.crowds import crowd, late
from tests.approvals.factories import (
    RELEASE,
    VALIDATION,
    open_request,
    person,
    sign,
    story,
)

pytestmark = pytest.mark.django_db


def shown(username, show):
    """The steps in the list, and who is to sign where it is not the reader."""
    user = person(username)
    found, _ = queries.to_sign(user, matrices.duties(user), show=show)
    return [(one.step.name, one.signers) for one in found.waiting]


def in_a_team(*names):
    root = person("root", "administrator")
    team = teams.create("Credit", actor=root)
    for name in names:
        teams.add_member(team, person(name), actor=root)


def test_what_waits_for_a_colleague_of_my_team_stands_under_my_teams():
    told = story()
    open_request(told)
    in_a_team("sam", "rui")

    assert shown("sam", Show.TEAM) == [("validation", "To be signed by Rui.")]
    assert shown("sam", Show.MINE) == []
    assert shown("rui", Show.TEAM) == []


def test_what_waits_for_whom_i_am_deputy_of_stands_there_before_they_are_away():
    told = story()
    open_request(told)
    person("sam")
    Deputy.objects.create(person=person("rui"), deputy=person("sam"))

    assert shown("sam", Show.TEAM) == [("validation", "To be signed by Rui.")]


def test_who_answers_for_the_use_case_sees_what_waits_for_others_in_it():
    request = open_request()

    assert shown("bo", Show.TEAM) == [("validation", "To be signed by Rui.")]
    assert shown("bo", Show.MINE) == [("release", "")]

    sign(request, "rui")

    assert shown("bo", Show.TEAM) == []


def test_a_colleague_who_may_not_see_the_model_is_shown_nothing():
    open_request()
    in_a_team("cy", "rui")

    assert shown("cy", Show.TEAM) == []
    assert candidates(person("cy")).counts == {"mine": 0, "team": 0, "overdue": 0}


def test_late_signatures_stand_under_overdue_with_whose_they_are():
    slow = VALIDATION.replace("meaning", "due_in: 1 day, meaning")
    request = open_request(story(steps=(slow, RELEASE)))
    assert shown("rui", Show.OVERDUE) == []

    late(request, days=2)

    assert shown("rui", Show.OVERDUE) == [("validation", "")]
    assert shown("bo", Show.OVERDUE) == [("validation", "To be signed by Rui.")]


def test_late_advice_and_late_conditions_stand_under_overdue():
    request = open_request()
    condition = Condition("Watch the young.", "sam", timezone.localdate() + timedelta(days=1))
    sign(request, "rui", conditions=[condition])
    assert my_work(person("sam"), Show.OVERDUE).count == 0

    late(request, days=4)

    work = my_work(person("sam"), Show.OVERDUE)
    assert [one.duty for one in work.to_advise] == [
        "Consulted for Approve or reject the release"
    ]
    assert [one.sentence for one in work.to_do] == ["Watch the young."]


def test_the_database_leaves_out_what_the_rules_would_refuse():
    told = story(RV=[person("rui"), person("ada")])
    request = open_request(told)

    assert candidates(person("ada")).steps == []
    assert len(candidates(person("rui")).steps) == 1

    sign(request, "rui")

    assert candidates(person("rui")).steps == []


def test_a_part_only_the_rules_know_of_leaves_the_list_and_is_said_in_its_count():
    told = story(RV=[person("rui"), person("eve")])
    registry.set_tag(told.version, "mlflow.user", "eve", actor=person("ada"))
    open_request(told)

    assert len(candidates(person("eve")).steps) == 1
    assert shown("eve", Show.MINE) == []


def test_signatures_on_changed_evidence_do_not_complete_a_step():
    request = open_request()
    sign(request, "rui")
    replaced = "sha256:" + "1" * 64
    Request.objects.filter(pk=request.pk).update(evidence_digest=replaced, round=2)

    assert [name for name, _ in shown("rui", Show.MINE)] == ["validation"]
    assert queries.awaiting(person("bo"))[0].waiting_for == "validation"


def test_each_row_says_what_follows_the_signature():
    several = VALIDATION.replace("meaning", "quorum: 2, meaning")
    told = story(steps=(several, RELEASE), RV=[person("rui"), person("ray")])
    request = open_request(told)
    [first] = queries.awaiting(person("rui"))
    [last] = queries.awaiting(person("bo"))

    assert first.next == "After yours, validation needs 1 more signature."
    assert last.next.startswith("Yours is the last signature: ")

    sign(request, "ray")
    [first] = queries.awaiting(person("rui"))

    assert first.next == (
        "After yours, release goes to who is Accountable for Approve or reject the release."
    )

    sign(request, "rui")
    [last] = queries.awaiting(person("bo"))

    assert last.next == (
        "Yours is the last signature: credit-scoring v1 is cleared, and whoever is Responsible for "
        "the release may move champion to it."
    )


def test_two_thousand_requests_cost_a_page_and_no_more(client):
    told = story()
    crowd(40, told)
    client.force_login(person("rui"))
    few, loaded_of_few = measured(client)

    crowd_more = crowd(2000, told, first=100)
    many, loaded = measured(client)

    assert len(crowd_more) == 2000
    assert many == few <= 15
    assert loaded == loaded_of_few
    assert loaded[Request] <= PAGE + 1
    assert loaded[Step] <= 2 * (PAGE + 1)
    assert "2,041" in client.get("/").content.decode()


def measured(client):
    """How many statements the page makes, and how many rows of each model it reads."""
    loaded = {Request: 0, Step: 0}

    def count(sender, **_):
        if sender in loaded:
            loaded[sender] += 1

    client.get("/")
    post_init.connect(count)
    try:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
    finally:
        post_init.disconnect(count)
    return len(captured), loaded


def test_a_page_begins_where_the_one_before_ended(client):
    crowd(2 * PAGE)
    client.force_login(person("rui"))
    pages = [client.get(f"/?page={number}").context["work"].to_sign for number in (1, 2, 3)]
    seen = [one.request.pk for page in pages for one in page]

    assert [len(page) for page in pages] == [PAGE, PAGE, 1]
    assert len(set(seen)) == 2 * PAGE + 1


@pytest.mark.parametrize(
    "query", ["show=nobody", "page=0", "page=-1", "page=x", "page=9999999"]
)
def test_any_address_shows_a_page(client, query):
    open_request()
    client.force_login(person("rui"))

    assert client.get(f"/?{query}").status_code == 200
