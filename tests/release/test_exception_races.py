"""An exception ends while the last signature on it is given: whichever comes first, nothing stays cleared."""

import pytest

from governance.approvals.models import Request, Vote
from governance.blessing.queries import latest_blessing
from governance.errors import Conflict
from governance.exceptions import services
from governance.exceptions.models import RuleException
from governance.release.models import Clearance
from tests.accounts.factories import person
from tests.approvals.factories import sign as vote
from tests.approvals.test_races import at_once, voting
from tests.evaluation.conftest import own_storage  # noqa: F401
from tests.exceptions.stories import excepted, requested, work

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "Young applicants complain."


def test_a_revocation_and_the_last_vote_at_once_leave_nothing_cleared():
    request = requested(excepted())
    vote(request, "rui")
    exception, rui = RuleException.objects.get(), person("rui")
    [release] = request.steps.filter(name="release")

    signed, revoked = at_once(
        voting(release, "bo"), lambda: services.revoke(exception, actor=rui, reason=WHY)
    )

    assert revoked.state == "revoked"
    assert not Clearance.objects.filter(state="valid").exists()
    if isinstance(signed, Vote):
        assert Clearance.objects.get().state == "lapsed"
    else:
        assert isinstance(signed, Conflict)
        assert Request.objects.get().state == "withdrawn"
    work()
    assert latest_blessing(request.version).verdict == "not_blessed"


def test_two_who_revoke_at_once_end_it_once():
    blessing = excepted()
    exception = RuleException.objects.get()
    people = [person("rui"), person("bo")]

    results = at_once(
        *(
            lambda actor=actor: services.revoke(exception, actor=actor, reason=WHY)
            for actor in people
        )
    )

    assert sum(isinstance(result, Conflict) for result in results) == 1
    work()
    assert latest_blessing(blessing.version).verdict == "not_blessed"
