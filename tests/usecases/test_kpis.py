"""KPIs, their observations over time and their corrections."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError
from django.utils import timezone

from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.usecases import queries, services
from governance.usecases.models import Kpi, KpiObservation
from tests.usecases.factories import kpi, person, use_case

pytestmark = pytest.mark.django_db

MARCH = {"period_start": date(2026, 3, 1), "period_end": date(2026, 3, 31)}
APRIL = {"period_start": date(2026, 4, 1), "period_end": date(2026, 4, 30)}


def test_a_kpi_has_unit_direction_and_target():
    bad_rate = kpi(use_case())

    assert (bad_rate.unit, bad_rate.direction, bad_rate.target) == ("%", "lower", 5.0)
    assert Entry.objects.get(event=Event.KPI_DEFINED).data["target"] == 5.0


@pytest.mark.parametrize(
    ("direction", "value", "met"),
    [
        ("lower", 4.9, True),
        ("lower", 5.0, True),
        ("lower", 5.1, False),
        ("higher", 4.9, False),
        ("higher", 5.0, True),
    ],
)
def test_the_target_is_met_in_its_direction(direction, value, met):
    assert Kpi(direction=direction, target=5.0).is_met_by(value) is met


def test_a_key_is_used_once():
    case = use_case()
    kpi(case)

    with pytest.raises(Conflict):
        kpi(case)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"target": float("inf")}, "target"),
        ({"key": "bad rate"}, "key"),
        ({"title": ""}, "title"),
    ],
)
def test_a_kpi_that_cannot_be_used_names_the_field(fields, field):
    with pytest.raises(Invalid) as refused:
        kpi(use_case(), **fields)

    assert refused.value.field == field


def test_a_stranger_defines_no_kpi():
    with pytest.raises(NotAllowed):
        services.define_kpi(
            use_case(), actor=person("cy"), key="x", title="X", direction="lower", target=1
        )


def test_a_target_is_revised_with_before_and_after():
    bad_rate = kpi(use_case())

    services.revise_kpi(bad_rate, actor=person("bo"), target=4.0)

    assert Entry.objects.get(event=Event.KPI_REVISED).data["changes"] == {"target": [5.0, 4.0]}


def test_the_model_owner_records_what_is_observed():
    mo = person("mo")
    bad_rate = kpi(use_case(MO=mo))

    observed = services.record_observation(bad_rate, actor=mo, value=4.2, rows=100, **MARCH)

    assert (observed.recorded_by_name, observed.rows) == ("Mo", 100)


def test_who_is_only_consulted_records_nothing():
    ada = person("ada")
    bad_rate = kpi(use_case(DS=ada))

    with pytest.raises(NotAllowed):
        services.record_observation(bad_rate, actor=ada, value=4.2, **MARCH)

    assert not KpiObservation.objects.exists()
    assert Entry.objects.filter(event=Event.KPI_OBSERVED, refused=True).count() == 1


def test_the_series_is_in_time_and_takes_the_latest_correction():
    bo = person("bo")
    bad_rate = kpi(use_case())
    services.record_observation(bad_rate, actor=bo, value=6.0, **APRIL)
    services.record_observation(bad_rate, actor=bo, value=4.2, **MARCH)
    services.record_observation(bad_rate, actor=bo, value=5.5, **APRIL)

    assert [one.value for one in queries.kpi_series(bad_rate)] == [4.2, 5.5]
    assert bad_rate.observations.count() == 3


def test_the_series_of_all_kpis_take_two_queries(django_assert_num_queries):
    bo, case = person("bo"), use_case()
    for number in range(4):
        one = kpi(case, f"kpi{number}")
        services.record_observation(one, actor=bo, value=number, **MARCH)

    with django_assert_num_queries(2):
        found = [
            (kpi.key, [o.value for o in kpi.series]) for kpi in queries.kpis_with_series(case)
        ]

    assert found == [("kpi0", [0]), ("kpi1", [1]), ("kpi2", [2]), ("kpi3", [3])]


def test_a_period_that_is_not_over_is_refused():
    tomorrow = timezone.localdate() + timedelta(days=1)

    with pytest.raises(Invalid) as refused:
        services.record_observation(
            kpi(use_case()),
            actor=person("bo"),
            value=1,
            period_start=date(2026, 3, 1),
            period_end=tomorrow,
        )

    assert refused.value.field == "period_end"


def test_a_period_runs_forward():
    with pytest.raises(Invalid):
        services.record_observation(
            kpi(use_case()),
            actor=person("bo"),
            value=1,
            period_start=date(2026, 3, 2),
            period_end=date(2026, 3, 1),
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_is_a_finite_number(value):
    with pytest.raises(Invalid) as refused:
        services.record_observation(kpi(use_case()), actor=person("bo"), value=value, **MARCH)

    assert refused.value.field == "value"


def test_the_database_refuses_to_change_an_observation():
    observed = services.record_observation(
        kpi(use_case()), actor=person("bo"), value=1, **MARCH
    )

    with pytest.raises((InternalError, IntegrityError)):
        KpiObservation.objects.filter(pk=observed.pk).update(value=2)


def test_a_new_case_says_all_it_lacks():
    gaps = queries.case_gaps(use_case())

    assert gaps == [
        "The business need is not written down.",
        "No KPI is defined.",
        "It is not said what a positive case is.",
        "The cost of a wrong decision is not set.",
        "No technical requirement is listed.",
        "No model is adopted.",
        "Nobody is Model owner (MO).",
        "Nobody is Data scientist (DS).",
        "Nobody is Risk and validation (RV).",
    ]


def test_the_gaps_take_the_same_queries_for_one_kpi_and_for_five(django_assert_max_num_queries):
    case = use_case()
    for number in range(5):
        kpi(case, f"kpi{number}")

    with django_assert_max_num_queries(9):
        queries.case_gaps(case)


def test_kpis_are_seen_by_those_who_see_the_use_case():
    kpi(use_case())

    assert Kpi.objects.visible_to(person("bo")).exists()
    assert not Kpi.objects.visible_to(person("cy")).exists()
    assert Kpi.objects.visible_to(person("vi", ["auditor"])).exists()
