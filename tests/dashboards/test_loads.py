"""The chart of load: who is drawn, the line of overload, and the same numbers as a table."""

from dataclasses import dataclass

import pytest

from governance.dashboards.loads import MOST_PEOPLE, load


@dataclass(frozen=True)
class Carrier:
    person: str
    models: int = 0
    open_items: int = 0
    accountable: int = 0
    responsible: int = 0
    consulted: int = 0


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ([Carrier("Ada", 2)], "Nobody answers for more than 10 models. No duty is open."),
        (
            [Carrier("Ada", 11, 1), Carrier("Rui", 3, 4)],
            "Ada answers for more than 10 models. Rui has the most open duties, 4.",
        ),
        (
            [Carrier("Ada", 11), Carrier("Rui", 12)],
            "2 people answer for more than 10 models. No duty is open.",
        ),
    ],
)
def test_the_sentence_says_who_carries_too_much(people, sentence):
    assert load(people, most_models=10).sentence == sentence


def test_models_and_open_duties_stand_beside_the_line_of_overload():
    chart = load([Carrier("Ada", 2, 1, 13, 37, 44), Carrier("Rui", 1, 3)], most_models=10)

    models, waiting = chart.figure["data"]
    assert list(chart.figure["layout"]["yaxis"]["ticktext"]) == ["Rui", "Ada"]
    assert (list(models["x"]), list(waiting["x"])) == ([1, 2], [3, 1])
    assert list(waiting["text"]) == [" 3 open duties", " 1 open duty"]
    assert chart.figure["layout"]["shapes"][0]["x0"] == 10
    assert chart.rows[0] == ("Ada", 2, 1, 13, 37, 44)


def test_a_crowd_is_cut_in_the_chart_and_whole_in_the_table():
    chart = load([Carrier(f"P{n}", n) for n in range(MOST_PEOPLE + 5)], most_models=10)

    assert len(chart.figure["data"][0]["x"]) == MOST_PEOPLE
    assert len(chart.rows) == MOST_PEOPLE + 5
    assert chart.note == "The chart leaves out 5 people with less."
