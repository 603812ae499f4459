import pytest

from governance.errors import Invalid, NotAllowed
from governance.evaluation import services
from governance.evaluation.comparison import why_not_paired
from governance.evaluation.queries import overall_figures
from tests.accounts.factories import person
from tests.registry.factories import version as registered_version

pytestmark = pytest.mark.django_db
FAITHFUL = {"metric": "faithfulness", "value": 0.91, "n": 200, "low": 0.86, "high": 0.94}


def reported(*figures, version=None, **asked):
    version = version or registered_version()
    asked = {"actor": version.created_by, "dataset_name": "questions", **asked}
    return services.report_measurements(version, measurements=list(figures), **asked)


def test_reported_figures_are_marked_and_finished_at_once():
    evaluation = reported(FAITHFUL, measured_with="judge 1.2")

    figure = overall_figures(evaluation)["reported.faithfulness"]
    assert (evaluation.state, evaluation.task, evaluation.rows) == ("finished", "reported", 200)
    assert (figure.value, figure.low, figure.high) == (0.91, 0.86, 0.94)
    assert figure.method == "reported by the pipeline"


def test_reported_figures_of_few_cases_are_hidden():
    evaluation = reported(FAITHFUL | {"n": 9})

    figure = overall_figures(evaluation)["reported.faithfulness"]
    assert (figure.value, figure.method) == (None, "hidden")


def test_two_reports_are_never_paired():
    version = registered_version()
    first, second = (reported(FAITHFUL, version=version) for _ in range(2))

    assert why_not_paired(first, second)


def test_strangers_may_not_report():
    with pytest.raises(NotAllowed):
        reported(FAITHFUL, actor=person("cy"))


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [
        ({"metric": "Faith!"}, "named by small letters"),
        ({"value": float("nan")}, "the value is a finite number"),
        ({"value": True}, "the value is a finite number"),
        ({"n": 0}, "a whole number from 1"),
        ({"low": 0.95}, "the interval does not hold the value"),
        ({"high": None}, "the interval is a finite number"),
        ({"direction": "up"}, "the direction is"),
        ({"slice_field": "topic"}, "both a field and a value"),
        ({"unit": "x" * 31}, "at most 30 characters"),
        ({"p_value": 0.04}, "a figure has"),
    ],
)
def test_figures_that_cannot_be_kept_are_named(figure, sentence):
    with pytest.raises(Invalid, match=f"Figure 2: .*{sentence}"):
        reported(FAITHFUL | {"metric": "first"}, FAITHFUL | figure)


def test_a_metric_is_reported_once_for_the_same_rows():
    with pytest.raises(Invalid, match="Figure 2: this metric is reported twice"):
        reported(FAITHFUL, FAITHFUL)
