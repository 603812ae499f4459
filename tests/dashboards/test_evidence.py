"""What the evidence tab says about groups: badges corrected for many comparisons, fairness, costs."""

import numpy as np
import pytest

from governance.dashboards.version import evidence
from governance.evaluation.queries import overall_figures
from governance.web.charts import evidence_charts
from tests.accounts.factories import person
from tests.evaluation.factories import COSTS, measured, parquet, predictions
from tests.evaluation.test_services import governed_version

pytestmark = pytest.mark.django_db
COLUMNS = {"score": "score", "label": "bad", "slices": ["age", {"cross": ["age", "region"]}]}


@pytest.fixture
def found():
    """The young are scored at random, everybody else well; regions mean nothing."""
    frame = predictions(2000)
    random = np.random.default_rng(3)
    frame["region"] = random.choice(["north", "south"], 2000)
    young = frame.age == "young"
    frame.loc[~young, "score"] = 0.9 * frame.score + 0.1 * frame.bad
    frame.loc[young, "score"] = random.random(young.sum())
    version = governed_version(**{f"cost_{key}": value for key, value in COSTS.items()})
    return evidence(
        measured(version, actor=person("mle"), source=parquet(frame), columns=COLUMNS)
    )


def test_a_group_that_surely_differs_has_a_badge(found):
    rows = {row.slice_value: row for row in found.slices["age"]["auc"]}
    assert rows["young"].badge == "worse than the rest"
    assert rows["young"].badge_tone == "bad"
    assert "worse" not in rows["old"].badge
    assert found.compared == "Each metric: 6 comparisons, Holm-corrected."


def test_fairness_is_told_by_single_field(found):
    (by_age,) = found.fairness
    assert by_age.field == "age"
    assert [one.key for one in by_age.comparisons] == [
        "selection_rate_ratio",
        "selection_rate_gap",
        "equal_opportunity_gap",
        "equalised_odds_gap",
        "predictive_parity_gap",
    ]
    assert {one.group for one in by_age.calibration} == {"young", "old"}


def test_the_best_threshold_and_the_sensitivity_are_drawn_with_tables(found):
    charts = {chart.title: chart for chart in evidence_charts(found)}

    cost, moved = charts["Cost over the threshold"], charts["If a missed positive costs more"]

    best = found.best
    assert best["theoretical"] == pytest.approx(1 / 6, abs=1e-6)
    assert best["low"] <= best["threshold"] <= best["high"]
    assert "Cheapest at" in cost.sentence and "bootstrap 2,000" in cost.sentence
    assert [row[0] for row in moved.rows] == list(range(2, 11))
    at_five = moved.rows[3]
    figures = overall_figures(found.evaluation)
    assert at_five[2] == pytest.approx(best["cost"], abs=1e-5)
    assert at_five[3] == pytest.approx(figures["cost"].value, abs=1e-5)
    assert at_five[4] == pytest.approx(figures["cost_accept_all"].value, abs=1e-5)
    assert at_five[5] == pytest.approx(figures["cost_reject_all"].value, abs=1e-5)
