"""Acts on one policy at the same moment, in real transactions on real connections."""

import pytest

from governance.audit.models import Entry
from governance.errors import Conflict
from governance.policies import services
from governance.policies.models import PolicyVersion
from tests.accounts.factories import UserFactory
from tests.approvals.test_races import at_once
from tests.policies.factories import policy_text

pytestmark = pytest.mark.django_db(transaction=True)
STRICTER = "auc floor: auc at least 0.80"


@pytest.fixture
def editors():
    names = ("pia", "paz", "pol")
    return [UserFactory(username=name, groups=["policy editor"]) for name in names]


def kinds(results):
    return sorted(type(one).__name__ for one in results)


def test_two_who_publish_publish_once(editors):
    pia, paz, pol = editors
    version = services.submit(services.draft("credit", policy_text(), actor=pia), actor=pia)

    results = at_once(
        lambda: services.publish(version, actor=paz),
        lambda: services.publish(version, actor=pol),
    )

    assert kinds(results) == ["Conflict", "PolicyVersion"]
    assert Entry.objects.filter(event="policies.published", refused=False).count() == 1


def test_what_is_given_to_review_is_what_was_saved_before_or_not_saved_at_all(editors):
    pia, paz, _ = editors
    draft = services.draft("credit", policy_text(), actor=pia)

    saved, submitted = at_once(
        lambda: services.revise(draft, policy_text(STRICTER), actor=paz),
        lambda: services.submit(draft, actor=pia),
    )

    version = PolicyVersion.objects.get()
    assert version.is_in_review
    assert isinstance(submitted, PolicyVersion)
    was_refused = isinstance(saved, Conflict)
    assert version.text == (policy_text() if was_refused else policy_text(STRICTER))


def test_two_who_begin_a_version_begin_one(editors):
    pia, paz, pol = editors

    results = at_once(
        *(
            lambda actor=actor: services.draft("credit", policy_text(), actor=actor)
            for actor in (pia, paz, pol)
        )
    )

    assert kinds(results) == ["Conflict", "Conflict", "PolicyVersion"]
    assert PolicyVersion.objects.count() == 1


def test_the_same_file_sent_twice_at_once_is_taken_once(editors):
    pia, paz, _ = editors

    results = at_once(
        *(
            lambda actor=actor: services.put("credit", policy_text(), actor=actor)[1]
            for actor in (pia, paz)
        )
    )

    assert sorted(results) == ["drafted", "unchanged"]
