"""A revocation and a move at the same moment: one comes first, and both know it."""

import pytest

from governance.release import services
from governance.release.models import Clearance
from registry.errors import NotAllowed
from registry.models import AliasMove
from tests.registry.test_races import at_once
from tests.release.factories import cleared, person, ready
from tests.release.test_clearances import REASON

pytestmark = pytest.mark.django_db(transaction=True)


def test_move_never_follows_a_revocation():
    told = ready()
    clearance = cleared(told)
    olu, bo = person("olu"), person("bo")

    moved, revoked = at_once(
        lambda: services.promote(told.version, actor=olu),
        lambda: services.revoke(clearance, actor=bo, reason=REASON),
    )

    assert isinstance(revoked, Clearance)
    if isinstance(moved, Exception):
        assert isinstance(moved, NotAllowed)
        assert not AliasMove.objects.exists()
    else:
        assert AliasMove.objects.get().at < Clearance.objects.get().ended_at
