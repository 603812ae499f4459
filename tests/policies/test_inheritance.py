"""A policy that extends a base: what it takes over, what it may not loosen, and where that stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from governance.blessing.evidence import _policy_json
from governance.errors import Conflict
from governance.policies import services
from governance.policies.differences import differences
from governance.policies.document import InvalidPolicy, read
from governance.policies.inheritance import Base, inherited, resolve
from governance.policies.models import PolicyVersion
from governance.policies.queries import applicable_to, find_base, protected_somewhere
from tests.accounts.factories import UserFactory
from tests.policies.factories import put_in_force

BASE = """\
policy: organisation-base
base: true
protects: {aliases: [champion, live], stages: [Production]}
rules:
  - "auc floor: auc at least 0.75"
  - "groups: auc at least 0.60 for each age_group needs 50 rows warn"
approvals:
  - {step: release, activity: approve_release, duty: A, quorum: 2, meaning: approved}
separation: {requester: may not vote, contributors: may vote}
signature: {second_factor: [1]}
valid_for: 365 days
lapses_on: [artifact changed, evidence changed]
"""
OWN = """\
policy: credit
extends: organisation-base
applies_to: {tiers: [1]}
"""


def base_of(text=BASE, number=2, lineage=()):
    document = read(text)
    return Base(document.policy, number, "sha256:0", document, lineage)


def resolved(more="", base=BASE):
    return resolve(OWN + more, lambda _name: base_of(base))


def refusal(more, find=lambda _name: base_of()):
    with pytest.raises(InvalidPolicy) as refused:
        resolve(OWN + more, find)
    return list(refused.value.reasons)


def test_what_is_not_said_is_taken_over():
    document = resolved().document

    assert [rule.name for rule in document.rules] == ["auc floor", "groups"]
    assert (document.approvals[0].quorum, document.valid_for.days) == (2, 365)
    assert document.separation.contributors == "may vote"
    assert document.protects.aliases == ("champion", "live")
    assert document.applies_to.tiers == (1,)


def test_a_rule_of_the_same_name_takes_the_place_and_new_ones_follow():
    document = resolved(
        'rules: ["own: f1 at least 0.5", "AUC floor: auc at least 0.8"]\n'
    ).document

    assert [str(rule) for rule in document.rules] == [
        "AUC floor: auc at least 0.80",
        "groups: auc at least 0.60 for each age_group needs 50 rows warn",
        "own: f1 at least 0.50",
    ]


def test_a_text_that_names_all_it_takes_over_says_the_order():
    step = "{step: release, activity: approve_release, duty: A, meaning: approved}"
    first = "{step: validation, activity: independent_validation, duty: R, meaning: v}"

    document = resolved(f"approvals: [{first}, {step}]\n").document

    assert [(one.step, one.quorum) for one in document.approvals] == [
        ("validation", 1),
        ("release", 2),
    ]


def test_a_step_says_only_what_it_asks_more():
    step = "{step: release, activity: approve_release, duty: A, quorum: 3, meaning: approved}"
    again = (
        "{step: release, activity: approve_release, duty: A, meaning: approved, due_in: 2 days}"
    )

    assert resolved(f"approvals: [{step}]\n").document.approvals[0].quorum == 3
    assert resolved(f"approvals: [{again}]\n").document.approvals[0].quorum == 2


def test_part_of_a_group_of_keys_leaves_the_rest_as_it_was():
    document = resolved("separation: {contributors: may not vote}\n").document

    assert document.separation.requester == "may not vote"
    assert document.separation.contributors == "may not vote"


LOOSER = {
    'rules: ["auc floor: auc at least 0.70"]': "Line 4, column 10: This asks for less than organisation-base v2: Rule “auc floor”: bound 0.75 → 0.70.",
    'rules:\n  - "new: f1 at least 0.5"\n  - "auc floor: auc at least 0.75 warn"': "Line 6, column 6: This asks for less than organisation-base v2: Rule “auc floor”: severity must → warn.",
    'rules: ["auc floor: auc at least 0.75 not worse"]': "mode point → not worse.",
    'rules: ["groups: auc at least 0.60 for each age_group warn"]': "needs 50 rows → nothing.",
    'rules: ["auc floor: f1 at least 0.75"]': "This asks for something else than organisation-base v2, which must stay",
    "approvals: [{step: release, activity: approve_release, duty: A, quorum: 1, meaning: approved}]": "Step “release” needs only 1 signature, before 2.",
    "approvals: [{step: release, activity: approve_release, duty: R, quorum: 2, meaning: approved}]": "Step “release”: duty A → R.",
    "signature: {second_factor: []}": "Line 4, column 13: This asks for less than organisation-base v2: Signatures in tier 1 no longer take a second factor.",
    "separation: {requester: may vote}": "Line 4, column 14: This asks for less than organisation-base v2: Who asks for approval may vote.",
    "valid_for: 366 days": "Line 4, column 1: This asks for less than organisation-base v2: A clearance is valid for 365 days → 366 days.",
    "lapses_on: [artifact changed]": "A clearance lapses on “evidence changed” no longer.",
    "protects: {aliases: [champion]}": "Protects the alias live no longer.",
    "interval: not worse": "Intervals are read as “not worse”, before “point”.",
    "card: {complete_for: release}": "The model card must be complete for release, before for review.",
}


@pytest.mark.parametrize("more", LOOSER)
def test_asking_for_less_is_refused_at_its_line(more):
    assert any(LOOSER[more] in reason for reason in refusal(f"{more}\n"))


def test_another_baseline_is_refused_where_a_rule_taken_over_needs_it():
    relative = BASE.replace(
        "at least 0.60 for each age_group needs 50 rows", "at least baseline"
    )

    assert resolved("baseline: alias champion\n").document.baseline.alias == "champion"
    with pytest.raises(InvalidPolicy, match="Baseline latest blessed → alias champion"):
        resolved("baseline: alias champion\n", base=relative)


def test_a_rule_that_contradicts_one_taken_over_is_refused_at_its_line():
    assert refusal('rules: ["low: auc at most 0.1"]\n') == [
        "Line 4, column 10: “auc floor” and “low” contradict: no value satisfies both."
    ]


def test_what_asks_for_less_and_other_mistakes_are_told_together():
    reasons = refusal('rules: ["auc floor: auc at least 0.70", "b: auk at least 0.5"]\n')

    assert [reason.split(":")[0] for reason in reasons] == [
        "Line 4, column 10",
        "Line 4, column 42",
    ]


def test_what_nobody_published_cannot_be_extended():
    assert refusal("", lambda _name: None) == [
        "Line 2, column 1: No version of “organisation-base” is published, so it cannot be extended."
    ]


def test_nothing_extends_itself_by_a_detour():
    reasons = refusal("", lambda _name: base_of(lineage=("credit",)))

    assert "organisation-base v2 extends credit itself" in reasons[0]
    with pytest.raises(InvalidPolicy, match="A policy cannot extend itself"):
        resolve(OWN.replace("organisation-base", "credit"), lambda _name: base_of())


def test_a_base_is_for_no_models_and_others_are_for_some():
    assert not read(BASE).applies(tier=1, tags={}, use_case_slug="credit")
    with pytest.raises(InvalidPolicy, match="A base is for no models itself"):
        read(BASE + "applies_to: {tiers: [1]}\n")
    with pytest.raises(InvalidPolicy, match="“applies_to” is missing"):
        read(BASE.replace("base: true\n", ""))


def test_two_that_are_too_large_together_are_refused():
    rule = '  - "{}{}: auc at least 0.5 for each age_group needs 50 rows note"'
    many = BASE.replace(
        "rules:\n", "rules:\n" + "\n".join(rule.format("a", n) for n in range(60)) + "\n"
    )
    more = "rules:\n" + "\n".join(rule.format("b", n) for n in range(60)) + "\n"

    with pytest.raises(InvalidPolicy, match="Together with organisation-base v2: rules"):
        resolved(more, base=many)


bounds = some.integers(0, 100).map(lambda percent: percent / 100)
severities = some.sampled_from(["must", "warn"])


@given(bounds, bounds, severities, severities, some.integers(1, 400), some.booleans())
def test_what_is_accepted_is_never_looser_and_resolving_again_changes_nothing(
    floor, own, severity, own_severity, days, has_rule
):
    base = BASE.replace("at least 0.75", f"at least {floor} {severity}")
    rule = f'rules: ["auc floor: auc at least {own} {own_severity}"]\n' if has_rule else ""
    is_looser = days > 365 or (
        has_rule and (own < floor or (severity, own_severity) == ("must", "warn"))
    )

    try:
        once = resolved(f"{rule}valid_for: {days} days\n", base=base)
    except InvalidPolicy:
        assert is_looser
        return

    again = resolve(once.text, lambda _name: base_of(base))
    assert not is_looser
    assert (again.text, again.document) == (once.text, once.document)
    assert read(once.text) == once.document
    assert "looser" not in {one.direction for one in differences(read(base), once.document)}


def test_what_came_from_the_base_can_be_told():
    text = OWN + 'rules: ["auc floor: auc at least 0.8"]\n'

    found = inherited(text, resolve(text, lambda _name: base_of()).document)

    assert found == {"rules": {"groups"}, "approvals": {"release"}}


@pytest.fixture
def pia(db):
    return UserFactory(username="pia", groups=["policy editor"])


def in_force(text, name, pia):
    return put_in_force(services.draft(name, text, actor=pia))


def test_a_published_policy_stands_without_its_base(pia):
    base = in_force(BASE, "organisation-base", pia)
    version = in_force(OWN, "credit", pia)

    services.retire(base, actor=pia)

    version = PolicyVersion.objects.get(pk=version.pk)
    frozen = _policy_json(version)
    assert version.base_version == base
    assert read(frozen["text"]) == version.parsed
    assert [rule.name for rule in version.parsed.rules] == ["auc floor", "groups"]
    assert applicable_to(tier=1, tags={}, use_case_slug="x").policy_version == version
    assert [one.aliases for one in protected_somewhere()] == [("champion", "live")]


def test_a_newer_base_changes_no_policy_that_is_in_force(pia):
    in_force(BASE, "organisation-base", pia)
    version = in_force(OWN, "credit", pia)

    in_force(BASE.replace("0.75", "0.90"), "organisation-base", pia)

    kept = PolicyVersion.objects.get(pk=version.pk)
    assert str(kept.parsed.rules[0]) == "auc floor: auc at least 0.75"
    assert find_base("organisation-base").number == 2


def test_what_was_reviewed_against_an_older_base_is_not_published(pia):
    in_force(BASE, "organisation-base", pia)
    version = services.submit(services.draft("credit", OWN, actor=pia), actor=pia)
    in_force(BASE.replace("0.75", "0.90"), "organisation-base", pia)

    with pytest.raises(Conflict, match="organisation-base v2 is in force now; send it back"):
        services.publish(version, actor=UserFactory(groups=["policy editor"]))


def test_a_draft_takes_the_newer_base_over_when_it_is_given_to_review(pia):
    in_force(BASE, "organisation-base", pia)
    draft = services.draft("credit", OWN, actor=pia)
    in_force(BASE.replace("0.75", "0.90"), "organisation-base", pia)

    version = put_in_force(draft)

    assert str(version.parsed.rules[0]) == "auc floor: auc at least 0.90"
    assert version.base_version.label == "organisation-base v2"
