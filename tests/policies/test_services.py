"""The life of a policy; Pia writes, Paz is a second editor, Cy edits none."""

import pytest
from django.db import DatabaseError, transaction

from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.policies import services
from governance.policies.models import PolicyVersion
from tests.accounts.factories import UserFactory
from tests.policies.factories import policy_text, published, put_in_force

pytestmark = pytest.mark.django_db
STRICTER = "auc floor: auc at least 0.80"


@pytest.fixture
def pia():
    return UserFactory(username="pia", groups=["policy editor"])


@pytest.fixture
def paz():
    return UserFactory(username="paz", groups=["policy editor"])


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


def test_publishing_retires_the_former_version(pia, paz):
    first = published(pia)

    second = published(pia, STRICTER)

    first.refresh_from_db()
    assert (first.state, second.state, second.label) == ("retired", "published", "credit v2")
    assert (second.submitted_by, second.published_by, first.retired_by) == (pia, paz, paz)


@pytest.mark.parametrize("act", [services.submit, services.publish, services.retire])
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


def test_every_act_is_on_the_trail(pia, paz):
    draft = services.draft("credit", policy_text(), actor=pia)
    services.revise(draft, policy_text(STRICTER), actor=pia)
    services.submit(draft, actor=pia)
    services.send_back(draft, actor=paz, reason="Say why.")
    services.retire(put_in_force(draft), actor=pia)

    events = Entry.objects.about(draft).order_by("id").values_list("event", flat=True)
    assert [event.rpartition(".")[2] for event in events] == [
        "drafted",
        "revised",
        "submitted",
        "sent_back",
        "submitted",
        "published",
        "retired",
    ]


def test_what_is_in_review_stands_still(pia):
    version = services.submit(services.draft("credit", policy_text(), actor=pia), actor=pia)

    with pytest.raises(Conflict, match="credit v1 is in review; send it back"):
        services.revise(version, policy_text(STRICTER), actor=pia)
    with pytest.raises(Conflict, match="credit v1 is in review; publish it or send it back"):
        services.draft("credit", policy_text(), actor=pia)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(text="x")


def test_a_draft_cannot_skip_the_review(pia, paz):
    draft = services.draft("credit", policy_text(), actor=pia)

    with pytest.raises(Conflict, match="credit v1 is a draft; give it to review first"):
        services.publish(draft, actor=paz)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).update(state="published")


@pytest.mark.parametrize("groups", [["policy editor"], ["administrator"]])
def test_nobody_publishes_the_text_they_wrote_last(groups):
    author = UserFactory(username="author", groups=groups)
    version = services.submit(
        services.draft("credit", policy_text(), actor=author), actor=author
    )

    with pytest.raises(
        Conflict, match="You wrote the text of credit v1; another policy editor"
    ):
        services.publish(version, actor=author)

    assert Entry.objects.get(refused=True).event == "policies.published"


def test_the_last_who_changed_the_text_counts_as_its_author(pia, paz):
    draft = services.draft("credit", policy_text(), actor=pia)
    services.revise(draft, policy_text(STRICTER), actor=paz)
    services.submit(draft, actor=pia)

    with pytest.raises(Conflict, match="You wrote"):
        services.publish(draft, actor=paz)
    assert services.publish(draft, actor=pia).is_published


def test_four_eyes_can_be_switched_off_for_an_editor_alone(pia, settings):
    settings.POLICY_FOUR_EYES = False
    version = services.submit(services.draft("credit", policy_text(), actor=pia), actor=pia)

    assert services.publish(version, actor=pia).is_published


def test_what_is_sent_back_says_why_and_can_be_changed_again(pia, paz):
    version = services.submit(services.draft("credit", policy_text(), actor=pia), actor=pia)

    with pytest.raises(Invalid, match="Say why"):
        services.send_back(version, actor=paz, reason="  ")
    services.send_back(version, actor=paz, reason="The floor is too low.")
    revised = services.revise(version, policy_text(STRICTER), actor=pia)

    assert (revised.state, revised.returned_reason) == ("draft", "The floor is too low.")


def test_a_discarded_draft_makes_room_for_the_next_number(pia, cy):
    draft = services.draft("credit", policy_text(), actor=pia)

    services.discard(draft, actor=pia, reason="Not needed.")
    following = services.draft("credit", policy_text(), actor=pia)

    draft.refresh_from_db()
    assert (draft.state, draft.was_in_force, following.number) == ("retired", False, 2)
    assert not PolicyVersion.objects.visible_to(cy).exists()


@pytest.mark.parametrize("act", [services.send_back, services.discard])
def test_a_published_version_is_neither_sent_back_nor_discarded(pia, act):
    with pytest.raises(Conflict, match="credit v1 is published"):
        act(published(pia), actor=pia, reason="No.")


def test_the_same_file_twice_changes_nothing(pia):
    first, drafted = services.put("credit", policy_text(), actor=pia)
    again, unchanged = services.put("credit", policy_text(), actor=pia)
    revised, changed = services.put("credit", policy_text(STRICTER), actor=pia)

    assert (drafted, unchanged, changed) == ("drafted", "unchanged", "revised")
    assert first == again == revised
    assert Entry.objects.filter(event__startswith="policies.").count() == 2


def test_how_a_line_ends_makes_no_other_text(pia):
    first, _ = services.put("credit", policy_text(), actor=pia)
    again, outcome = services.put("credit", policy_text().replace("\n", "\r\n"), actor=pia)

    assert (again.digest, outcome) == (first.digest, "unchanged")


def test_a_file_as_published_begins_no_draft(pia):
    version = published(pia)

    same, outcome = services.put("credit", policy_text(), actor=pia)
    later, drafted = services.put("credit", policy_text(STRICTER), actor=pia)

    assert (same, outcome) == (version, "unchanged")
    assert (later.number, later.state, drafted) == (2, "draft", "drafted")


def test_a_file_does_not_overwrite_what_is_in_review(pia):
    services.submit(services.draft("credit", policy_text(), actor=pia), actor=pia)

    with pytest.raises(Conflict, match="in review"):
        services.put("credit", policy_text(STRICTER), actor=pia)


def test_new_is_no_name_for_a_policy(pia):
    with pytest.raises(Invalid, match="No policy can be called “new”"):
        services.draft("new", policy_text(name="new"), actor=pia)
