"""What the comparison of policies calls stricter, the judge treats so: whatever passes it passed before."""

from hypothesis import given
from hypothesis import strategies as some

from governance.blessing.figures import Baseline, Difference, Figure, Measurements
from governance.blessing.judge import judge_rule
from governance.blessing.verdicts import Outcome
from governance.policies.grammar import parse
from governance.policies.strictness import MODES, Direction, aspects

# `low` grows in a stricter rule, `high` and `slack` shrink.
BOUNDS = [
    "at least {low}",
    "at most {high}",
    "between {low} and {high}",
    "at least baseline minus {slack}",
    "at most baseline plus {slack}",
    "at least {percent}% of baseline",
]
shares = some.integers(0, 100).map(lambda percent: percent / 100)


@some.composite
def pairs(draw):
    """A rule, and one that asks for at least as much of the same figure."""
    where = draw(some.sampled_from(["", " for each region"]))
    form = draw(some.sampled_from(BOUNDS))
    lows = sorted(draw(some.tuples(shares, shares, shares, shares)))
    slacks = sorted(draw(some.tuples(shares, shares)), reverse=True)
    needs = sorted(draw(some.tuples(some.integers(1, 60), some.integers(1, 60))))
    modes = sorted(draw(some.tuples(*[some.sampled_from(MODES)] * 2)), key=MODES.index)

    def rule(place):
        bound = form.format(
            low=lows[place],
            high=lows[3 - place],
            slack=slacks[place],
            percent=lows[place] * 100,
        )
        return parse(f"r: auc {bound}{where} needs {needs[place]} rows {modes[place].value}")

    return rule(0), rule(1)


@some.composite
def measured(draw):
    def figure(field="", value=""):
        low, middle, high = sorted(draw(some.tuples(shares, shares, shares)))
        return Figure("auc", field, value, middle, low, high, draw(some.integers(10, 80)), 5)

    return Measurements([figure(), figure("region", "north"), figure("region", "south")])


@some.composite
def baselines(draw):
    ends = sorted(draw(some.tuples(shares, shares)))
    differences = [
        Difference(
            "auc",
            (ends[0] + ends[1]) / 2 - 0.5,
            ends[0] - 0.5,
            ends[1] - 0.5,
            "m",
            50,
            "",
            *one,
        )
        for one in (("", ""), ("region", "north"), ("region", "south"))
    ]
    return Baseline("measured", "v1", "", draw(measured()), differences)


@given(pairs(), measured(), baselines())
def test_what_passes_the_stricter_rule_passes_the_other(rules, figures, baseline):
    before, after = rules
    found = {one.direction for one in aspects(before, after, (before.mode, after.mode))}

    assert found <= {Direction.STRICTER}
    if judge_rule(after, figures, baseline).outcome == Outcome.PASS:
        assert judge_rule(before, figures, baseline).outcome == Outcome.PASS
