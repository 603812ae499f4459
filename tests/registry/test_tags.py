"""Tags of models and versions."""

import pytest

from registry import services
from registry.errors import Invalid, NotAllowed
from tests.registry import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [factories.model, factories.version])
def test_tag_is_set_and_replaced(ada, make):
    subject = make()

    services.set_tag(subject, "domain", "credit", actor=ada)
    services.set_tag(subject, "domain", "retail", actor=ada)

    assert subject.tags.get().value == "retail"


@pytest.mark.parametrize("make", [factories.model, factories.version])
def test_tag_is_taken_away_and_a_second_time_quietly(ada, make):
    subject = make(tags={"domain": "credit"})

    for _ in range(2):
        services.delete_tag(subject, "domain", actor=ada)

    assert not subject.tags.exists()


def test_nobody_writes_the_tags_of_the_server(ada):
    with pytest.raises(Invalid, match="this server only"):
        services.set_tag(factories.version(), "imprimatur.approved", "true", actor=ada)


def test_stranger_may_not_tag(cy):
    with pytest.raises(NotAllowed):
        services.set_tag(factories.model(), "domain", "credit", actor=cy)
