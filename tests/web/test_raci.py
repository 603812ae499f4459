import pytest

from governance.usecases import services
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
    assert "Credit" not in client.get("/raci/").content.decode()


def test_the_matrix_takes_few_queries(client, use_case, django_assert_max_num_queries):
    client.force_login(person("ada"))

    with django_assert_max_num_queries(15):
        client.get("/raci/credit/")
