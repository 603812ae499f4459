"""The page “Compare”: choosing two evaluations, following the job, reading and taking the figures."""

import csv
import json

import pytest
from django.urls import reverse

from governance.jobs import runner
from tests.accounts.factories import person
from tests.evaluation.factories import predictions
from tests.evaluation.test_comparison import KEYED, better, evaluated, versions
from tests.registry import factories as registry

__all__ = ["versions"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def both(versions):
    frame = predictions(300)
    columns = {**KEYED, "slices": ["age"]}
    first = evaluated(versions[0], better(frame), columns=columns)
    return first, evaluated(versions[1], frame, columns=columns)


@pytest.fixture
def page(client, both):
    client.force_login(person("mle"))
    return reverse("web:compare", args=[both[0].version.model.name])


def text(answer):
    return answer.content.decode()


def compared(client, page, both):
    answer = client.post(page, {"first": both[0].pk, "second": both[1].pk})
    comparison = both[0].comparisons.get()
    assert answer.status_code == 302 and answer["Location"] == comparison.get_absolute_url()
    waiting = text(client.get(answer["Location"]))
    assert "Waiting for a worker" in waiting and 'hx-select="#result"' in waiting
    runner.run(str(comparison.job_id))
    comparison.refresh_from_db()
    return comparison


def test_two_versions_are_chosen_compared_and_read(client, page, both):
    assert "Two versions measured on the same rows" in text(client.get(page))
    comparison = compared(client, page, both)

    shown = text(client.get(comparison.get_absolute_url()))

    leading = comparison.differences[1]
    assert leading["metric"] == "cost" and leading["sentence"] in shown
    assert shown.index("What it costs") < shown.index("Metrics") < shown.index("By age")
    assert "first is better" in shown and "no sure difference" in shown
    assert "Selection rate ratio" in shown and "Were a missed positive to cost" in shown
    assert shown.count('class="chart"') == 2
    assert " -0." not in shown.split('id="result"')[1].split("<script")[0]


def test_the_differences_are_taken_as_csv_and_json(client, page, both):
    comparison = compared(client, page, both)

    lines = list(
        csv.DictReader(
            b"".join(client.get(f"/comparisons/{comparison.pk}.csv")).decode().splitlines()
        )
    )
    document = json.loads(client.get(f"/comparisons/{comparison.pk}.json").content)

    assert len(lines) == len(document["differences"]) == len(comparison.differences)
    assert lines[0]["metric"] == "auc"
    assert float(lines[0]["value"]) == comparison.differences[0]["value"]
    assert document["first"]["version"] == both[0].version.label


def test_one_evaluation_beside_itself_is_refused_at_the_field(client, page, both):
    answer = client.post(page, {"first": both[0].pk, "second": both[0].pk})
    assert answer.status_code == 422
    assert "Choose two different evaluations." in text(answer)
    assert client.post(page, {"first": "nonsense"}).status_code == 422


def test_rows_that_do_not_match_are_told(client, page, both, versions):
    other = evaluated(versions[1], predictions(290))
    client.force_login(other.created_by)
    client.post(page, {"first": both[0].pk, "second": other.pk})
    comparison = both[0].comparisons.get(other=other)
    runner.run(str(comparison.job_id))

    assert "row keys are only in the first" in text(client.get(comparison.get_absolute_url()))


def test_without_two_evaluations_the_page_teaches(client, page, both):
    lonely = registry.model("lonely", owner=both[0].created_by)
    shown = text(client.get(reverse("web:compare", args=[lonely.name])))
    assert "Nothing to compare yet" in shown


def test_figures_of_an_evaluation_are_taken_as_csv_and_json(client, page, both):
    lines = b"".join(client.get(f"/evaluations/{both[0].pk}.csv")).decode().splitlines()
    document = json.loads(client.get(f"/evaluations/{both[0].pk}.json").content)

    assert len(lines) - 1 == len(document["measurements"]) == both[0].measurements.count()
    assert {curve["kind"] for curve in document["curves"]} >= {"roc", "best", "sensitivity"}
