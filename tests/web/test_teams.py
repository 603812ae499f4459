"""Teams on the screens: made and filled by administrators, put into roles on the page of a matrix."""

import pytest

from governance.accounts.models import User
from governance.usecases import services
from governance.usecases.queries import matrix_of
from raci import services as raci
from raci import teams
from raci.models import Team
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return person("root", "administrator")


@pytest.fixture
def use_case():
    bea = person("bea")
    return services.open_use_case(
        actor=bea, slug="credit", title="Credit", holders={"BO": [bea], "DS": [person("ada")]}
    )


@pytest.fixture
def risk(root):
    made = teams.create("Risk", actor=root)
    for name in ("rui", "ray"):
        teams.add_member(made, person(name), actor=root)
    return made


def read(client, path):
    return client.get(path).content.decode()


def in_(client, name):
    client.force_login(User.objects.get(username=name))
    return client


def test_an_administrator_makes_a_team_and_fills_it(client, root):
    rui = person("rui")
    in_(client, "root")

    made = client.post("/teams/", {"name": "Risk"})
    added = client.post(f"{made.url}members/", {"person": rui.pk}, follow=True)

    assert "Rui is in Risk and holds what it holds." in added.content.decode()
    [team] = Team.objects.all()
    assert list(team.members.all()) == [rui]
    assert "Risk" in read(client, "/teams/")

    client.post(f"{made.url}members/rui/end/")
    assert not team.members.exists()
    client.post(f"{made.url}delete/")
    assert not Team.objects.exists()


def test_who_may_not_is_told_at_the_form_and_sees_none(client, root):
    person("ada")
    in_(client, "ada")

    refused = client.post("/teams/", {"name": "Risk"})

    assert refused.status_code == 422
    assert "Only an administrator makes teams" in refused.content.decode()
    assert "Make the team" not in read(client, "/teams/")


def test_a_name_that_is_taken_is_said_at_the_field(client, risk):
    in_(client, "root")

    refused = client.post("/teams/", {"name": "risk"})

    assert refused.status_code == 422
    assert "There is a team risk already." in refused.content.decode()


def test_a_team_is_put_into_a_role_and_taken_out(client, use_case, risk):
    in_(client, "bea")
    page = read(client, "/raci/credit/")
    assert f'<option value="team:{risk.pk}">Risk</option>' in page

    form = {"holder-role": "RV", "holder-holder": f"team:{risk.pk}"}
    answer = client.post("/raci/credit/holders/", form, follow=True)

    page = answer.content.decode()
    assert "Risk holds RV." in page
    assert ">Risk</a> (Ray, Rui)" in page
    assert "Nobody holds Risk and validation" not in page
    held = risk.holdings.get()
    gone = client.post(f"/raci/credit/teams/{held.pk}/end/", follow=True)
    assert "Risk holds RV no more." in gone.content.decode()
    assert "Nobody holds Risk and validation" in gone.content.decode()


def test_a_person_is_put_into_a_role_and_taken_out(client, use_case):
    olu = person("olu")
    in_(client, "bea")

    form = {"holder-role": "OPS", "holder-holder": f"person:{olu.pk}"}
    client.post("/raci/credit/holders/", form)
    again = client.post("/raci/credit/holders/", form)

    held = olu.raci_holdings.get()
    assert held.role.code == "OPS"
    assert again.status_code == 422
    assert "Olu is MLOps engineer already." in again.content.decode()
    client.post(f"/raci/credit/holders/{held.pk}/end/")
    assert not olu.raci_holdings.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("holder-holder", "team:0", "Select a valid choice"),
        ("holder-holder", "nonsense", "Select a valid choice"),
        ("holder-role", "XX", "Select a valid choice"),
        ("holder-until", "2020-01-01", "The last day is over."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, use_case, risk, field, value, sentence):
    in_(client, "bea")
    form = {"holder-role": "RV", "holder-holder": f"team:{risk.pk}", field: value}

    refused = client.post("/raci/credit/holders/", form)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not risk.holdings.exists()


def test_a_member_is_not_taken_out_of_a_role_alone(client, use_case, risk):
    teams.assign_team(matrix_of(use_case), "RV", risk, actor=person("bea"))
    held = User.objects.get(username="rui").raci_holdings.get()
    in_(client, "bea")

    refused = client.post(f"/raci/credit/holders/{held.pk}/end/")

    assert refused.status_code == 409
    assert "Rui holds it as a member of Risk" in refused.content.decode()


def test_what_one_holds_by_a_team_stands_on_ones_page_and_stays_at_a_hand_over(
    client, use_case, risk, root
):
    matrix, rui = matrix_of(use_case), User.objects.get(username="rui")
    teams.assign_team(matrix, "RV", risk, actor=root)
    raci.assign(matrix, "MO", rui, actor=root)
    in_(client, "root")
    assert "Risk and validation as a member of Risk" in read(client, "/people/rui/")

    form = {"over-to": person("cy").pk, "over-reason": "He leaves."}
    page = client.post("/people/rui/hand-over/", form, follow=True).content.decode()

    assert "1 role went to Cy." in page
    assert "Rui stays Risk and validation in Credit, as a member of Risk." in page


def test_a_team_page_shows_only_roles_in_matrices_one_sees(client, use_case, risk, root):
    services.open_use_case(actor=root, slug="secret", title="Secret")
    for slug in ("credit", "secret"):
        other = services.UseCase.objects.get(slug=slug)
        teams.assign_team(matrix_of(other), "RV", risk, actor=root)

    page = read(in_(client, "ada"), f"/teams/{risk.pk}/")
    assert 'href="/raci/credit/"' in page
    assert "Secret" not in page
    assert "Take out" not in page
    assert 'href="/raci/secret/"' in read(in_(client, "root"), f"/teams/{risk.pk}/")
