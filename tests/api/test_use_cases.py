from datetime import date

import pytest

from governance.usecases.models import UseCase
from tests.accounts.factories import person
from tests.api.clients import V1, bearing

CASES = f"{V1}use-cases/"
CREDIT = {
    "slug": "credit",
    "title": "Credit decisions",
    "tier": 2,
    "cost_false_negative": 5,
    "cost_false_positive": 1,
    "holders": {"DS": ["ada"], "MLE": ["ada"], "MO": ["mo"], "RV": ["rui"]},
}
BAD_RATE = {"key": "bad-rate", "title": "Bad rate", "direction": "lower", "target": 0.05}


@pytest.fixture
def bea(db):
    for name in ("ada", "mo", "rui"):
        person(name)
    return bearing(person("bea"))


def test_a_use_case_is_opened_and_says_what_it_lacks(bea):
    made = bea.post(CASES, CREDIT)

    assert made.status_code == 201
    assert made.json() == bea.get(f"{CASES}credit/").json()
    assert "No KPI is defined." in made.json()["gaps"]
    assert bea.get(CASES).json()["results"][0]["slug"] == "credit"


def test_a_second_use_case_of_that_slug_is_a_conflict(bea):
    bea.post(CASES, CREDIT)

    assert bea.post(CASES, CREDIT).status_code == 409


def test_an_unknown_holder_is_named(bea):
    response = bea.post(CASES, CREDIT | {"holders": {"RV": ["nobody"]}})

    assert response.status_code == 422
    assert response.json()["detail"] == "There is no active user nobody."
    assert not UseCase.objects.exists()


def test_who_takes_no_part_does_not_see_it(bea, stranger):
    bea.post(CASES, CREDIT)

    assert stranger.get(f"{CASES}credit/").status_code == 404
    assert stranger.get(CASES).json()["count"] == 0


def test_only_who_defines_it_revises_it(bea, ada):
    bea.post(CASES, CREDIT)

    revised = bea.patch(f"{CASES}credit/", {"need": "Lose less."})
    refused = bearing(ada).patch(f"{CASES}credit/", {"need": "Mine."})

    assert revised.json()["need"] == "Lose less."
    assert refused.status_code == 403
    assert "You need Responsible or Accountable" in refused.json()["detail"]


def test_raising_the_tier_is_free_and_lowering_it_is_not(bea):
    bea.post(CASES, CREDIT)

    assert bea.post(f"{CASES}credit/tiers/", {"tier": 1}).json()["tier"] == 1
    refused = bea.post(f"{CASES}credit/tiers/", {"tier": 3})
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_approval")


def test_its_owner_lets_a_model_be_adopted(bea, ada):
    bea.post(CASES, CREDIT)
    api = bearing(ada)
    api.post(f"{V1}models/", {"name": "scoring"})

    adopted = api.post(f"{CASES}credit/models/", {"model": "scoring"})
    again = api.post(f"{CASES}credit/models/", {"model": "scoring"})

    assert adopted.status_code == 201
    assert again.status_code == 403 or again.status_code == 409
    assert bea.get(f"{V1}models/scoring/").json()["use_case"] == "credit"
    assert bea.get(f"{CASES}credit/").json()["models"] == ["scoring"]


def test_requirements_are_listed_and_move(bea):
    bea.post(CASES, CREDIT)

    asked = bea.post(
        f"{CASES}credit/requirements/", {"title": "An endpoint", "owner_team": "Platform"}
    )
    moved = bea.patch(f"{CASES}credit/requirements/{asked.json()['id']}/", {"state": "granted"})

    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    assert moved.json()["state"] == "granted"


def test_a_kpi_is_defined_revised_and_observed(bea):
    bea.post(CASES, CREDIT)
    kpi = f"{CASES}credit/kpis/bad-rate/"

    made = bea.post(f"{CASES}credit/kpis/", BAD_RATE)
    revised = bea.patch(kpi, {"target": 0.04})
    observed = bea.post(
        f"{kpi}observations/",
        {"period_start": "2024-01-01", "period_end": "2024-01-31", "value": 0.06, "rows": 812},
    )

    assert made.status_code == observed.status_code == 201
    assert revised.json()["target"] == bea.get(kpi).json()["target"] == 0.04
    assert observed.json()["recorded_by"] == "Bea"
    assert bea.get(f"{kpi}observations/?after=2024-02-01").json()["count"] == 0
    assert bea.get(f"{kpi}observations/?before=2024-02-01").json()["count"] == 1


def test_a_period_that_is_not_over_is_refused(bea):
    bea.post(CASES, CREDIT)
    bea.post(f"{CASES}credit/kpis/", BAD_RATE)
    ahead = {"period_start": str(date.today()), "period_end": "2999-01-01", "value": 1}

    response = bea.post(f"{CASES}credit/kpis/bad-rate/observations/", ahead)

    assert response.status_code == 422
    assert response.json()["field"] == "period_end"


def test_the_matrix_shows_letters_holders_and_problems(bea):
    bea.post(CASES, CREDIT)

    grid = bea.get(f"{CASES}credit/raci/").json()

    holders = {role["code"]: role["holders"] for role in grid["roles"]}
    validation = next(a for a in grid["activities"] if a["key"] == "independent_validation")
    assert holders["RV"] == ["rui"]
    assert validation["cells"]["RV"] == "A/R"
    assert grid["problems"] == []


def test_a_person_is_put_into_a_role_and_taken_out(bea):
    person("olu")
    bea.post(CASES, CREDIT)
    holders = f"{CASES}credit/raci/holders/"

    assigned = bea.post(holders, {"role": "OPS", "username": "olu"})
    gone = bea.delete(f"{holders}{assigned.json()['id']}/")

    assert (assigned.status_code, gone.status_code) == (201, 204)
    assert bea.post(holders, {"role": "XX", "username": "olu"}).status_code == 404
