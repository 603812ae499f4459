import pytest
from django.utils import timezone

from governance.accounts.models import User
from governance.usecases import services
from governance.usecases.queries import matrix_of
from raci import acceptance, holding
from raci import services as raci
from raci.edits import Edit
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def use_case():
    bea = person("bea")
    return services.open_use_case(
        actor=bea, slug="credit", title="Credit", holders={"BO": [bea], "DS": [person("ada")]}
    )


def test_the_matrix_shows_letters_people_and_what_is_missing(client, use_case):
    client.force_login(person("ada"))

    page = client.get("/raci/credit/").content.decode()

    assert "Approve or reject the release" in page
    assert "Bea" in page
    assert "Nobody holds Risk and validation" in page


def test_a_stranger_does_not_see_the_matrix(client, use_case):
    client.force_login(person("cy"))

    assert client.get("/raci/credit/").status_code == 404
    assert "/raci/credit/" not in client.get("/raci/").content.decode()


def test_the_matrix_takes_few_queries(client, use_case, django_assert_max_num_queries):
    client.force_login(person("ada"))

    with django_assert_max_num_queries(15):
        client.get("/raci/credit/")


def test_the_list_says_what_new_use_cases_begin_with(client, use_case, settings):
    settings.RACI_TEMPLATE = "small_team"
    client.force_login(person("ada"))

    page = client.get("/raci/").content.decode()

    default = page.index("Default here")
    assert page.index("Small team") < default < page.index("Whole life cycle")
    assert "RACI_TEMPLATE" in page


def test_the_head_says_who_has_accepted(client, use_case):
    ada, found = User.objects.get(username="ada"), matrix_of(use_case)
    holding.accept(ada, found, acceptance.of_person(ada, found).digest)
    client.force_login(ada)

    page = client.get("/raci/credit/").content.decode()
    assert f"accepted {timezone.localdate():%-d %b}" in page
    assert "not accepted yet" in page

    edit = [Edit("release", "DS", "C")]
    raci.revise(found, edit, expected=1, actor=User.objects.get(username="bea"))
    page = client.get("/raci/credit/").content.decode()
    assert f"not accepted since {timezone.localdate():%-d %b}" in page


def test_who_may_not_change_it_is_told_who_may(client, use_case):
    client.force_login(person("ada"))

    page = client.get("/raci/credit/").content.decode()

    assert "Import a table" not in page
    assert "Edit the matrix" not in page
    assert "Responsible or Accountable for defining the use case may change it" in page
