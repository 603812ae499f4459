import pytest

from governance.audit import services
from governance.audit.events import Event
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


def test_an_auditor_reads_what_others_did(client):
    ada = person("ada")
    services.record(Event.TOKEN_CREATED, ada, actor=ada, name="pipeline")
    client.force_login(person("vi", "auditor"))

    page = client.get("/audit/")

    assert "API token created" in page.content.decode()


def test_a_member_reads_only_own_acts(client):
    ada = person("ada")
    services.record(Event.TOKEN_CREATED, ada, actor=ada)
    client.force_login(person("cy"))

    page = client.get("/audit/?event=accounts.token.created").content.decode()

    assert "Nothing matches" in page


def test_refusals_are_found_by_filter_and_show_their_reasons(client):
    vi = person("vi", "auditor")
    services.record_refusal(Event.VOTED, vi, actor=vi, reasons=["You asked for it yourself."])
    client.force_login(vi)

    page = client.get("/audit/?refused=true").content.decode()

    assert "You asked for it yourself." in page


def test_the_trail_does_not_ask_more_for_more_entries(client, django_assert_max_num_queries):
    vi = person("vi", "auditor")
    client.force_login(vi)
    for _ in range(40):
        services.record(Event.TOKEN_CREATED, vi, actor=vi)

    with django_assert_max_num_queries(8):
        client.get("/audit/")


@pytest.mark.parametrize("query", ["page=9999", "page=x", "since=never", "event=coffee"])
def test_nonsense_in_the_address_is_no_breakdown(client, query):
    client.force_login(person("vi", "auditor"))

    assert client.get(f"/audit/?{query}").status_code == 200
