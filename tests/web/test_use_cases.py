from datetime import date

import pytest

from governance.usecases import services
from governance.usecases.models import UseCase
from tests.accounts.factories import person
from tests.approvals.factories import story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db):
    return story().use_case


def test_the_case_says_what_it_lacks(client, case):
    client.force_login(person("bo"))

    page = client.get("/use-cases/credit/").content.decode()

    assert "No KPI is defined." in page
    assert "credit-scoring v1" in page


def test_a_stranger_does_not_see_the_case(client, case):
    client.force_login(person("cy"))

    assert client.get("/use-cases/credit/").status_code == 404
    assert "Credit" not in client.get("/use-cases/").content.decode().split("<main")[1]


def test_observed_kpis_stand_on_a_time_axis(client, case):
    bo = person("bo")
    kpi = services.define_kpi(
        case, actor=bo, key="loss", title="Loss", direction="lower", target=0.6
    )
    services.record_observation(
        kpi, actor=bo, period_start=date(2026, 1, 1), period_end=date(2026, 1, 31), value=0.7
    )
    client.force_login(bo)

    page = client.get("/use-cases/credit/").content.decode()

    assert "data-chart" in page
    assert "2026-01-31" in page


def test_a_member_opens_a_use_case_and_owns_it(client):
    client.force_login(person("bo"))
    form = {
        "title": "Churn",
        "need": "Keep customers who would leave.",
        "tier": "3",
        "positive_meaning": "the customer leaves",
        "favourable_outcome": "positive",
        "cost_false_positive": "1",
        "cost_false_negative": "4",
    }

    answer = client.post("/use-cases/open/", form)

    assert answer.url == "/use-cases/churn/"
    assert UseCase.objects.get().cost_false_negative == 4


def test_a_use_case_without_a_title_keeps_what_was_typed(client):
    client.force_login(person("bo"))

    answer = client.post("/use-cases/open/", {"need": "Keep customers."})

    assert answer.status_code == 422
    assert "Keep customers." in answer.content.decode()


@pytest.mark.parametrize("metric", ["auc", "cost", "nonsense"])
def test_the_page_takes_few_queries(client, case, metric, django_assert_max_num_queries):
    client.force_login(person("bo"))
    client.get("/use-cases/credit/")

    with django_assert_max_num_queries(24):
        assert client.get(f"/use-cases/credit/?metric={metric}").status_code == 200


def test_the_timeline_keeps_the_case_of_abbreviations(client, case):
    services.define_kpi(
        case, actor=person("bo"), key="loss", title="Loss", direction="lower", target=0.6
    )
    client.force_login(person("bo"))

    assert "KPI defined (loss)" in client.get("/use-cases/credit/").content.decode()
