"""Which steps a request takes: by tier, by rules that warn, by the size of the change; in stages."""

import pytest

from governance.policies.checks import check
from governance.policies.document import InvalidPolicy, read
from governance.policies.routes import Circumstances, asked_for, dead_ends, route
from tests.policies.factories import policy_text

VALIDATION = (
    "{step: validation, activity: independent_validation, duty: R, meaning: validated%s}"
)
SECURITY = "{step: security, activity: infra_check, duty: R, meaning: checked%s}"
RELEASE = "{step: release, activity: approve_release, duty: A, meaning: approved%s}"
MINOR = "minor_change: {unchanged: [artifact, training data]}"


def text(*steps, minor=""):
    head, _approvals, rest = policy_text().partition("approvals:")
    tail = rest[rest.index("valid_for:") :]
    return f"{head}approvals: [{', '.join(steps)}]\n{tail}{minor}\n"


def steps_of(policy, **met):
    return [
        leg.step.step
        for leg in asked_for(policy.approvals, Circumstances(**{"tier": 1, **met}))
    ]


@pytest.mark.parametrize(
    ("condition", "met", "is_asked"),
    [
        ("tiers: [1]", {"tier": 1}, True),
        ("tiers: [1]", {"tier": 2}, False),
        ("warnings: true", {"has_warnings": True}, True),
        ("warnings: true", {"has_warnings": False}, False),
        ("warnings: false", {"has_warnings": True}, False),
        ("change: major", {"is_minor": False}, True),
        ("change: major", {"is_minor": True}, False),
        ("change: minor", {"is_minor": True}, True),
        ("tiers: [1], warnings: true", {"tier": 1, "has_warnings": False}, False),
        ("tiers: [1], warnings: true", {"tier": 1, "has_warnings": True}, True),
    ],
)
def test_a_condition_decides_whether_its_step_is_asked_for(condition, met, is_asked):
    policy = read(text(VALIDATION % f", only_if: {{{condition}}}", RELEASE % "", minor=MINOR))

    assert ("validation" in steps_of(policy, **met)) is is_asked
    assert "release" in steps_of(policy, **met)


@pytest.mark.parametrize(
    ("condition", "because"),
    [
        ("tiers: [2, 3]", "It is for tier 2 or 3, and this is tier 1."),
        ("warnings: true", "No rule warns."),
        ("change: minor", "It is for a minor change, and this one is major."),
    ],
)
def test_a_step_left_out_says_why(condition, because):
    policy = read(text(VALIDATION % f", only_if: {{{condition}}}", RELEASE % "", minor=MINOR))

    [first, _release] = route(policy.approvals, Circumstances(tier=1))

    assert first.left_out == because


def test_parallel_steps_share_a_stage():
    policy = read(text(VALIDATION % "", SECURITY % ", parallel: true", RELEASE % ""))

    assert [leg.stage for leg in route(policy.approvals, Circumstances(tier=1))] == [1, 1, 2]


def test_a_parallel_step_joins_no_later_stage_when_the_one_before_it_is_left_out():
    policy = read(
        text(
            VALIDATION % ", only_if: {warnings: true}",
            SECURITY % ", parallel: true",
            RELEASE % "",
        )
    )

    assert [leg.stage for leg in asked_for(policy.approvals, Circumstances(tier=1))] == [1, 2]


def test_circumstances_without_any_step_are_dead_ends():
    policy = read(text(RELEASE % ", only_if: {warnings: true}"))

    assert {met.has_warnings for met in dead_ends(policy, policy.approvals)} == {False}


@pytest.mark.parametrize(
    ("steps", "minor", "sentence"),
    [
        (
            [RELEASE % ", only_if: {warnings: true}"],
            "",
            "Nobody would sign at all for tier 1, no rule that warns, a major change",
        ),
        (
            [VALIDATION % ", only_if: {change: major}", RELEASE % ""],
            "",
            "“validation” depends on the size of the change; say with “minor_change”",
        ),
        (
            [VALIDATION % ", parallel: true", RELEASE % ""],
            "",
            "“validation” is the first step, so there is none before it to run beside.",
        ),
        ([VALIDATION % ", only_if: {}", RELEASE % ""], "", "Say at least one of tiers"),
        ([RELEASE % ""], "minor_change: {unchanged: []}", "minor_change"),
        ([RELEASE % ""], "minor_change: {unchanged: [weather]}", "“weather” is not known here"),
    ],
)
def test_a_route_that_cannot_be_meant_is_refused(steps, minor, sentence):
    with pytest.raises(InvalidPolicy) as refused:
        check(text(*steps, minor=minor))

    assert sentence in str(refused.value)


def test_a_step_whose_conditions_cover_all_cases_together_is_no_dead_end():
    policy = read(
        text(
            VALIDATION % ", only_if: {change: major}",
            RELEASE % ", only_if: {change: minor}",
            minor=MINOR,
        )
    )

    assert not list(dead_ends(policy, policy.approvals))


def test_a_condition_reads_as_a_sentence():
    policy = read(text(VALIDATION % ", only_if: {tiers: [1, 2], warnings: true}", RELEASE % ""))

    assert str(policy.approvals[0].only_if) == "the tier is 1 or 2 and a rule warns"
