"""Teams over REST: made by administrators, put into roles by who may change the matrix."""

import pytest

from governance.usecases import services
from raci import teams
from raci.models import Team
from tests.accounts.factories import person
from tests.api.clients import V1, bearing

pytestmark = pytest.mark.django_db
TEAMS, RACI = f"{V1}teams/", f"{V1}use-cases/credit/raci/"


@pytest.fixture
def bea():
    services.open_use_case(actor=person("bea"), slug="credit", title="Credit")
    return bearing(person("bea"))


@pytest.fixture
def root():
    return bearing(person("root", "administrator"))


def roles(client):
    return {one["code"]: one for one in client.get(RACI).json()["roles"]}


def test_a_team_is_made_filled_and_put_into_a_role(root, bea):
    person("rui")
    made = root.post(TEAMS, {"name": "Risk"}).json()
    address = f"{TEAMS}{made['id']}/"
    added = root.post(f"{address}members/", {"username": "rui"})
    held = bea.post(f"{RACI}teams/", {"role": "RV", "team": "risk"})

    assert (made["members"], added.json()["members"]) == ([], ["rui"])
    assert held.json() | {"id": 0, "assigned_at": ""} == {
        "id": 0,
        "role": "RV",
        "team": "Risk",
        "assigned_at": "",
        "until": None,
    }
    assert (roles(bea)["RV"]["holders"], roles(bea)["RV"]["teams"]) == (["rui"], ["Risk"])
    [role] = bea.get(address).json()["roles"]
    assert (role["scope"], role["role"]) == ("use-case:credit", "RV")

    assert root.delete(address).status_code == 409
    assert root.delete(f"{address}members/rui/").status_code == 204
    assert roles(bea)["RV"]["holders"] == []
    assert bea.delete(f"{RACI}teams/{held.json()['id']}/").status_code == 204
    assert root.delete(address).status_code == 204
    assert not Team.objects.exists()


def test_what_is_wrong_is_said(root, bea):
    person("rui")
    team = root.post(TEAMS, {"name": "Risk"}).json()["id"]

    again = root.post(TEAMS, {"name": "RISK"})
    unknown = bea.post(f"{RACI}teams/", {"role": "RV", "team": "Ops"})
    nobody = root.post(f"{TEAMS}{team}/members/", {"username": "nobody"})

    assert (again.status_code, again.json()["detail"]) == (
        409,
        "There is a team RISK already.",
    )
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "There is no team Ops.")
    assert (nobody.status_code, nobody.json()["detail"]) == (
        422,
        "There is no active user nobody.",
    )
    assert root.delete(f"{TEAMS}{team}/members/rui/").status_code == 404


def test_a_member_is_not_taken_out_of_a_role_alone_and_hands_over_only_their_own(root, bea):
    bea.post(f"{RACI}holders/", {"role": "MO", "username": person("rui").username})
    team = root.post(TEAMS, {"name": "Risk"}).json()["id"]
    bea.post(f"{RACI}teams/", {"role": "RV", "team": "Risk"})
    root.post(f"{TEAMS}{team}/members/", {"username": "rui"})
    held = person("rui").raci_holdings.exclude(team=None).get()

    refused = bea.delete(f"{RACI}holders/{held.pk}/")
    moved = root.post(
        f"{V1}people/rui/hand-overs/", {"to": person("cy").username, "reason": "He leaves."}
    )

    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("Rui holds it as a member of Risk;")
    assert moved.json() == [
        {
            "scope": "use-case:credit",
            "roles": ["MO"],
            "stays": ["Rui stays Risk and validation in Credit, as a member of Risk."],
        }
    ]


def test_one_sees_of_a_team_only_the_roles_of_matrices_one_sees(root, bea):
    services.open_use_case(actor=person("root"), slug="secret", title="Secret")
    team = teams.create("Risk", actor=person("root", "administrator"))
    for slug in ("credit", "secret"):
        root.post(f"{V1}use-cases/{slug}/raci/teams/", {"role": "RV", "team": "Risk"})

    [listed] = bea.get(TEAMS).json()["results"]

    assert listed["id"] == team.pk
    assert [one["scope"] for one in listed["roles"]] == ["use-case:credit"]
    assert len(root.get(f"{TEAMS}{team.pk}/").json()["roles"]) == 2
