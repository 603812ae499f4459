import pytest
from django.db import DatabaseError, connection, transaction

from governance.audit.models import Entry
from governance.errors import Conflict
from governance.evaluation import comparing
from governance.evaluation.comparison import compare
from governance.evaluation.models import Comparison
from governance.evaluation.queries import comparison_of
from governance.jobs import runner
from tests.accounts.factories import person
from tests.evaluation.factories import predictions
from tests.evaluation.test_comparison import better, evaluated, versions

__all__ = ["versions"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def both(versions):
    frame = predictions(300)
    return evaluated(versions[0], better(frame)), evaluated(versions[1], frame)


def compared(*both):
    made = comparing.request_comparison(*both, actor=person("mle"))
    runner.run(str(made.job_id))
    made.refresh_from_db()
    return made


def test_the_job_stores_what_differs(both):
    made = compared(*both)

    assert made.is_finished and made.job.state == "succeeded"
    assert made.differences[0]["metric"] == "auc" and made.differences[0]["told_apart"]
    expected = [(one.metric, one.value, one.sentence) for one in compare(*both)]
    stored = [(one["metric"], one["value"], one["sentence"]) for one in made.differences]
    assert stored == expected
    assert made.costs_sentence.startswith("By the values alone the first is cheaper")
    assert made.code_version.startswith("imprimatur")
    events = Entry.objects.filter(event__startswith="evaluation.comparison")
    assert sorted(events.values_list("event", flat=True)) == [
        "evaluation.comparison.finished",
        "evaluation.comparison.requested",
    ]


def test_what_was_compared_is_not_compared_again(both):
    first = compared(*both)
    again = comparing.request_comparison(*both, actor=person("mle"))
    assert again == first and Comparison.objects.count() == 1
    assert comparing.request_comparison(*both[::-1], actor=person("mle")) != first


def test_rows_that_are_not_the_same_end_the_job_with_the_sentence(versions):
    frame = predictions(300)
    first, second = evaluated(versions[0], frame[:290]), evaluated(versions[1], frame)

    made = compared(first, second)

    assert (made.state, made.job.state) == ("failed", "failed")
    assert "0 row keys are only in the first, 10 only in the second" in made.reason
    assert comparing.request_comparison(first, second, actor=person("mle")) != made


def test_an_evaluation_beside_itself_is_refused(both):
    with pytest.raises(Conflict, match="two different"):
        comparing.request_comparison(both[0], both[0], actor=person("mle"))


def test_what_was_found_never_changes(both):
    made = compared(*both)
    with pytest.raises(DatabaseError), transaction.atomic():
        Comparison.objects.filter(pk=made.pk).update(reason="no")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM evaluation_comparison")
    assert comparison_of(*both) == made


def test_one_sees_a_comparison_who_sees_both_models(both):
    made = compared(*both)
    assert Comparison.objects.visible_to(person("mle")).get() == made
    assert not Comparison.objects.visible_to(person("stranger")).exists()
