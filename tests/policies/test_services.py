"""Drafting, revising, publishing and retiring; Pia edits policies, Cy does not."""

import pytest
from django.db import DatabaseError, transaction

from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.policies import services
from governance.policies.models import PolicyVersion
from tests.accounts.factories import UserFactory
from tests.policies.factories import policy_text, published

pytestmark = pytest.mark.django_db
STRICTER = "auc floor: auc at least 0.80"


@pytest.fixture
def pia():
    return UserFactory(username="pia", groups=["policy editor"])


@pytest.fixture
def cy():
    return UserFactory(username="cy")


def test_a_draft_keeps_text_document_and_digest(pia):
    draft = services.draft("credit", policy_text(), actor=pia)

    assert (draft.label, draft.state) == ("credit v1", "draft")
    assert draft.document["rules"][0]["name"] == "auc floor"
    assert draft.digest.startswith("sha256:")
    assert draft.parsed.valid_for.days == 365


def test_a_draft_with_a_mistake_leaves_nothing_behind(pia):
    with pytest.raises(Invalid, match="not known"):
        services.draft("credit", policy_text("a: auk at least 0.7"), actor=pia)

    assert not PolicyVersion.objects.exists()


def test_the_text_must_carry_the_policys_name(pia):
    with pytest.raises(Invalid, match="but this is other"):
        services.draft("other", policy_text(), actor=pia)


def test_there_is_one_draft_at_a_time(pia):
    services.draft("credit", policy_text(), actor=pia)

    with pytest.raises(Conflict, match="credit v1 is still a draft; revise it"):
        services.draft("credit", policy_text(), actor=pia)


def test_a_draft_can_be_revised(pia):
    draft = services.draft("credit", policy_text(), actor=pia)

    revised = services.revise(draft, policy_text(STRICTER), actor=pia)

    draft.refresh_from_db()
    assert draft.text == revised.text == policy_text(STRICTER)


def test_publishing_retires_the_former_version(pia):
    first = published(pia)

    second = published(pia, STRICTER)

    first.refresh_from_db()
    assert (first.state, second.state, second.label) == ("retired", "published", "credit v2")
    assert second.published_by == pia


@pytest.mark.parametrize("act", [services.publish, services.retire])
def test_a_retired_version_stays_retired(pia, act):
    version = services.retire(published(pia), actor=pia)

    with pytest.raises(Conflict, match="retired"):
        act(version, actor=pia)


def test_a_published_version_cannot_be_revised(pia):
    with pytest.raises(Conflict, match="never changes; draft a new version"):
        services.revise(published(pia), policy_text(STRICTER), actor=pia)


@pytest.mark.parametrize(
    "change",
    [{"text": "x"}, {"digest": "x"}, {"state": "draft"}, {"number": 9}, {"published_at": None}],
)
def test_the_database_keeps_a_published_version(pia, change):
    version = published(pia)

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(**change)


def test_the_database_keeps_every_version(pia):
    draft = services.draft("credit", policy_text(), actor=pia)

    with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
        draft.delete()


def test_a_stranger_writes_no_policy_and_the_trail_says_so(pia, cy):
    draft = services.draft("credit", policy_text(), actor=pia)

    with pytest.raises(NotAllowed, match="Only policy editors"):
        services.publish(draft, actor=cy)

    refusal = Entry.objects.get(refused=True)
    assert (refusal.event, refusal.actor_name) == ("policies.published", "Cy")


def test_a_stranger_drafts_nothing(cy):
    with pytest.raises(NotAllowed):
        services.draft("credit", policy_text(), actor=cy)


def test_every_act_is_on_the_trail(pia):
    draft = services.draft("credit", policy_text(), actor=pia)
    services.revise(draft, policy_text(STRICTER), actor=pia)
    services.retire(services.publish(draft, actor=pia), actor=pia)

    events = Entry.objects.about(draft).order_by("id").values_list("event", flat=True)
    assert [event.rpartition(".")[2] for event in events] == [
        "drafted",
        "revised",
        "published",
        "retired",
    ]
