"""Which policy applies to a model, and who reads drafts."""

import pytest

from governance.policies import services
from governance.policies.models import PolicyVersion
from governance.policies.queries import applicable_to, applicable_to_model
from governance.usecases.services import adopt_model
from tests.accounts.factories import UserFactory
from tests.policies.factories import policy_text, published
from tests.usecases.factories import registered_model, use_case

pytestmark = pytest.mark.django_db
CREDIT = {"tier": 1, "tags": {"domain": "credit"}, "use_case_slug": "credit-scoring"}


@pytest.fixture
def pia():
    return UserFactory(username="pia", groups=["policy editor"])


@pytest.mark.parametrize(
    "criteria",
    [
        "{tiers: [1]}",
        "{tiers: [1, 2], tags: {domain: credit}}",
        "{tags: {domain: credit}}",
        "{use_cases: [credit-scoring]}",
    ],
)
def test_a_policy_applies_when_every_criterion_holds(pia, criteria):
    version = published(pia, applies_to=criteria)

    assert applicable_to(**CREDIT).policy_version == version


@pytest.mark.parametrize(
    "criteria",
    ["{tiers: [2]}", "{tiers: [1], tags: {domain: health}}", "{use_cases: [other]}"],
)
def test_a_policy_does_not_apply_when_one_criterion_fails(pia, criteria):
    published(pia, applies_to=criteria)

    applicable = applicable_to(**CREDIT)

    assert not applicable
    assert applicable.reason == (
        "No published policy applies to tier 1 of the use case credit-scoring; publish one."
    )


def test_two_policies_that_apply_are_none(pia):
    published(pia, name="one")
    published(pia, name="two")

    applicable = applicable_to(**CREDIT)

    assert applicable.policy_version is None
    assert "one v1 and two v1 both apply" in applicable.reason


def test_a_draft_never_applies(pia):
    services.draft("credit", policy_text(), actor=pia)

    assert not applicable_to(**CREDIT)


def test_no_policy_applies_to_an_ungoverned_model():
    model = registered_model()

    assert applicable_to_model(model).reason == (
        "credit-scoring is ungoverned: no use case has adopted it."
    )


def test_a_model_is_judged_by_its_use_cases_tier(pia):
    version = published(pia)
    case = use_case(tier=1)
    model = registered_model()
    adopt_model(case, model, actor=case.created_by)

    assert applicable_to_model(model).policy_version == version


def test_what_waits_for_an_editor_is_what_others_wrote_and_what_came_back(pia, settings):
    paz, cy = UserFactory(username="paz", groups=["policy editor"]), UserFactory()
    version = services.draft("credit", policy_text(), actor=pia)
    services.submit(version, actor=pia)

    def waiting():
        return [
            [one.label for one in PolicyVersion.objects.waiting_for(user)]
            for user in (pia, paz, cy)
        ]

    assert waiting() == [[], ["credit v1"], []]
    settings.POLICY_FOUR_EYES = False
    assert waiting() == [["credit v1"], ["credit v1"], []]
    settings.POLICY_FOUR_EYES = True
    services.send_back(version, actor=paz, reason="Too low.")
    assert waiting() == [["credit v1"], [], []]
    services.revise(version, policy_text("a: auc at least 0.9"), actor=paz)
    assert waiting() == [[], ["credit v1"], []]


def test_only_editors_and_auditors_read_drafts(pia):
    services.draft("credit", policy_text(), actor=pia)
    readers = [pia, UserFactory(groups=["auditor"]), UserFactory()]

    assert [PolicyVersion.objects.visible_to(one).count() for one in readers] == [1, 1, 0]
