"""Whether a readable policy makes sense: what cannot be saved, and what is only doubted."""

import pytest

from governance.policies.checks import check
from governance.policies.document import InvalidPolicy
from tests.policies.factories import EXAMPLES, policy_text

MISTAKES = {
    "an unknown metric": (["a: auk at least 0.7"], "“auk” is not known; did you mean “auc”?"),
    "drift of groups": (["a: psi(age) at most 0.2 for each home"], "not groups."),
    "drift against a baseline": (
        ["a: psi(age) at most baseline"],
        "already compares with the training data; use a number.",
    ),
    "drift of labels": (
        ["a: js(age) at most 0.2 needs 500 rows and 20 positives"],
        "it needs no positives.",
    ),
    "drift for sure": (["a: js(age) at most 0.2 sure"], "drift has no interval"),
    "a divergence above one": (["a: js(age) at most 1.2"], "lies between 0 and 1"),
    "a negative drift": (["a: psi(age) at most -0.1"], "lies between 0 and more"),
    "latency of groups": (
        ["a: latency_p95 at most 200 for each age"],
        "has one value, not one for each group.",
    ),
    "latency of rows": (
        ["a: latency_p95 at most 200 needs 100 rows"],
        "does not rest on rows",
    ),
    "a crossing with itself": (
        ["a: auc at least 0.6 for each age x age"],
        "age cannot be crossed with itself.",
    ),
    "a percentage": (
        ["a: auc at least 75"],
        "auc lies between 0 and 1, so 75 decides nothing.",
    ),
    "a ratio above one": (["a: ratio(fpr, age) at most 1.2"], "lies between 0 and 1"),
    "a negative age": (["a: age_days at least -1"], "lies between 0 and more"),
    "an empty range": (["a: auc between 0.9 and 0.8"], "0.90 is above 0.80."),
    "a gap of something else": (["a: gap(auc, age) at most 0.1"], "gap() compares rates"),
    "groups of groups": (
        ["a: gap(fpr, age) at most 0.1 for each housing"],
        "already compares the groups of age.",
    ),
    "age against a baseline": (
        ["a: age_days at most baseline"],
        "age_days has no baseline; compare it with a number.",
    ),
    "a name twice": (
        ["a: auc at least 0.7", "A: f1 at least 0.5"],
        "Two rules are called “A”.",
    ),
    "a contradiction": (
        ["a: auc at least 0.8", "b: auc at most 0.7 warn"],
        "“a” and “b” contradict: no value satisfies both.",
    ),
    "a contradiction about the baseline": (
        ["z: auc at least 0.5", "a: auc at least baseline plus 0.2", "b: auc at most baseline"],
        "“a” and “b” contradict",
    ),
    "only relative rules": (
        ["a: auc at least baseline", "b: auc at least 0.5 warn"],
        "a first version could never be blessed; add one must rule with a number.",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_refused_at_its_line(case):
    rules, sentence = MISTAKES[case]

    with pytest.raises(InvalidPolicy) as refusal:
        check(policy_text(*rules))

    assert sentence in " ".join(refusal.value.reasons)
    assert refusal.value.problems[0].line >= 5


def test_an_activity_of_no_matrix_is_refused():
    text = policy_text().replace("approve_release", "approve_realease")

    with pytest.raises(InvalidPolicy, match="did you mean “approve_release”"):
        check(text)


def test_two_steps_of_one_name_are_refused():
    step = "  - {step: release, activity: approve_release, duty: A, meaning: approved}\n"

    with pytest.raises(InvalidPolicy, match="Two steps are called “release”"):
        check(policy_text().replace(step, step * 2))


@pytest.mark.parametrize(
    ("rules", "doubt"),
    [
        (["a: auc at least 0.7 warn"], "No rule decides (must)"),
        (["a: auc at least 0.7 for each age"], "“a” has no “needs”"),
        (["a: auc at least 0.7"], "No rule looks at groups"),
    ],
)
def test_what_is_seldom_meant_is_noted_but_saved(rules, doubt):
    notes = check(policy_text(*rules)).notes

    assert any(doubt in note.sentence for note in notes)


def test_rules_about_different_groups_do_not_contradict():
    check(
        policy_text("a: auc at least 0.8", "b: auc at most 0.7 for housing = own needs 50 rows")
    )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_example_policies_pass_the_checks(path):
    assert check(path.read_text()).document.rules
