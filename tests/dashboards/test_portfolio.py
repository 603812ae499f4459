from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.dashboards import portfolio
from governance.usecases import services as usecases
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import open_request, sign, story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"


def seen_by(username):
    return list(portfolio.staged(person(username)))


def test_a_blessed_version_counts_in_every_stage_it_has_reached():
    story()

    assert portfolio.funnel(seen_by("bo")) == [
        ("Registered", 1),
        ("Evaluated", 1),
        ("Blessed", 1),
        ("Approved", 0),
        ("Serving", 0),
    ]


def test_a_version_serves_once_its_approved_alias_points_to_it():
    told = story()
    request = open_request(told)
    sign(request, "rui")
    sign(request, "bo")
    registry.set_alias(told.version.model, "champion", told.version, actor=person("root"))

    assert portfolio.funnel(seen_by("bo"))[-1] == ("Serving", 1)
    assert portfolio.model_debt(seen_by("bo")) == []


def test_model_debt_names_what_a_version_waits_for():
    told = story()
    assert portfolio.model_debt(seen_by("bo"))[0].waits_for == "somebody to ask for approval"

    open_request(told)

    [debt] = portfolio.model_debt(seen_by("bo"))
    assert debt.waits_for.startswith("the signature for validation")


def test_lead_times_are_none_until_somebody_finished_the_leg():
    story()

    legs = {leg.title: leg for leg in portfolio.lead_times(seen_by("bo"))}

    assert legs["Registered to blessed"].count == 1
    assert legs["Registered to blessed"].median >= timedelta(0)
    assert legs["Blessed to approved"].median is None


def test_a_kpi_tile_compares_the_latest_observation_with_the_target():
    told = story()
    bo = person("bo")
    kpi = usecases.define_kpi(
        told.use_case, actor=bo, key="loss", title="Loss", direction="lower", target=0.6
    )
    for month, value in [(1, 0.9), (2, 0.5)]:
        usecases.record_observation(
            kpi,
            actor=bo,
            period_start=date(2026, month, 1),
            period_end=date(2026, month, 28),
            value=value,
        )

    [tile] = portfolio.kpi_tiles(bo)

    assert (tile.latest.value, tile.is_met) == (0.5, True)


def test_a_stranger_sees_an_empty_portfolio():
    story()

    assert seen_by("cy") == []
    assert portfolio.kpi_tiles(person("cy")) == []


def test_the_page_takes_the_same_few_queries_for_more_use_cases(client):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/portfolio/").status_code == 200
        return len(queries)

    story("one")
    client.force_login(person("vi", "auditor"))
    client.get("/portfolio/")
    few = count()
    for slug in ("two", "three", "four"):
        story(slug)

    assert count() == few <= 15
