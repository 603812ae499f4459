"""How much each person carries, as a chart with the table of the same numbers; queries nothing."""

from collections.abc import Sequence
from typing import Protocol

from governance.dashboards import drawing
from governance.dashboards.figures import Chart

PERSON_HEIGHT = 44
MOST_PEOPLE = 20


class Carrying(Protocol):
    """One person: models they answer for, what waits for them, and their letters."""

    person: object
    models: int
    open_items: int
    accountable: int
    responsible: int
    consulted: int


def load(people: Sequence[Carrying], *, most_models: int) -> Chart:
    """Two bars a person, models and open duties, against the number of models that is overload."""
    drawn = sorted(people, key=lambda one: (-one.open_items, -one.models))[:MOST_PEOPLE]
    figure = drawing.blank("Models answered for, and open duties", "")
    bars = [
        ("accent", [one.models for one in drawn], "model"),
        ("second", [one.open_items for one in drawn], "open duty"),
    ]
    for tone, counts, thing in bars:
        words = [f" {_counted(count, thing)}" if count else "" for count in counts]
        figure.add_bar(
            y=list(range(len(drawn))),
            x=counts,
            text=words,
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            meta={"tone": tone},
            hoverinfo="skip",
        )
    drawing.upright(figure, most_models, f"overload beyond {most_models}", "bad", at=1)
    longest = max([most_models, *(count for _tone, counts, _thing in bars for count in counts)])
    figure.update_xaxes(range=[0, longest * 1.25])
    figure.update_yaxes(
        tickvals=list(range(len(drawn))),
        ticktext=[str(one.person) for one in drawn],
        range=[len(drawn) - 0.4, -0.6],
        showgrid=False,
        automargin=True,
    )
    height = 100 + PERSON_HEIGHT * len(drawn)
    figure.update_layout(
        barmode="group", bargap=0.3, height=height, margin={"t": 30, "b": 56, "r": 24}
    )
    left_out = len(people) - len(drawn)
    return Chart(
        "Open duties and models by person",
        drawing.done(figure),
        ["Person", "Models answered for", "Open duties", "A", "R", "C"],
        [
            (
                str(one.person),
                one.models,
                one.open_items,
                one.accountable,
                one.responsible,
                one.consulted,
            )
            for one in people
        ],
        sentence=_sentence(people, most_models),
        note=f"The chart leaves out {left_out} people with less." if left_out else "",
        size="own",
    )


def _sentence(people: Sequence[Carrying], most_models: int) -> str:
    waiting = sum(one.open_items for one in people)
    over = [str(one.person) for one in people if one.models > most_models]
    if not over:
        overload = f"Nobody answers for more than {_counted(most_models, 'model')}."
    elif len(over) == 1:
        overload = f"{over[0]} answers for more than {_counted(most_models, 'model')}."
    else:
        overload = f"{len(over)} people answer for more than {_counted(most_models, 'model')}."
    busiest = max(people, key=lambda one: one.open_items)
    if not waiting:
        return f"{overload} No duty is open."
    return f"{overload} {busiest.person} has the most open duties, {busiest.open_items}."


def _counted(number: int, thing: str) -> str:
    if number == 1:
        return f"1 {thing}"
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number} {plural}"
