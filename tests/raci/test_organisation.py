"""An administrator chooses a version with which the matrices of new use cases begin; they are copies."""

import pytest
from django.db import DatabaseError, transaction

from raci import organisation, queries, services, templates
from raci.edits import Edit, SetNaming
from raci.errors import Conflict, Invalid, NotAllowed
from raci.models import OrganisationDefault
from raci.organisation import beginning, beginnings, choose_default, drop_default
from tests.raci.factories import matrix, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return person("root", is_superuser=True)


def saved(made, *edits, actor):
    return services.revise(made, edits, expected=None, actor=actor)


def test_a_new_matrix_begins_with_the_chosen_version_and_is_its_own(root):
    ours = matrix()
    version = saved(ours, SetNaming("rasci"), Edit("release", "SEC", "S"), actor=root)

    choose_default(version, actor=root)
    made = matrix("use-case:new", "New")
    saved(made, Edit("release", "SEC", "C"), actor=root)

    assert made.naming == "rasci"
    assert made.versions.get(number=1).snapshot == version.snapshot
    assert "The organisation's own matrix" in made.versions.get(number=1).reason
    assert queries.latest_version(ours) == version
    assert beginning().snapshot == version.snapshot


def test_what_is_saved_later_does_not_change_the_default(root):
    ours = matrix()
    first = ours.versions.get()
    choose_default(first, actor=root)

    saved(ours, Edit("release", "SEC", "C"), actor=root)

    assert beginning().snapshot == first.snapshot


def test_the_default_stands_first_and_can_be_dropped(root, settings):
    settings.RACI_TEMPLATE = "small_team"
    assert [one.key for one in beginnings()] == [one.key for one in templates.templates()]

    choose_default(matrix().versions.get(), actor=root)
    assert [one.key for one in beginnings()][:2] == ["organisation", "small_team"]
    assert beginning("small_team").key == "small_team"

    drop_default(actor=root)
    assert beginnings()[0].key == "small_team"
    with pytest.raises(Conflict, match="none to drop"):
        drop_default(actor=root)


def test_only_an_administrator_chooses(root):
    bo = person("bo")
    version = matrix(BO=bo).versions.get()

    with pytest.raises(NotAllowed, match="Only an administrator"):
        choose_default(version, actor=bo)
    choose_default(version, actor=root)
    with pytest.raises(NotAllowed, match="Only an administrator"):
        drop_default(actor=bo)
    with pytest.raises(Conflict, match="already"):
        choose_default(version, actor=root)


def test_an_unsound_version_is_refused_with_its_problems(root):
    version = saved(matrix(), Edit("release", "OPS", "I"), actor=root)

    with pytest.raises(Invalid, match="not sound") as refused:
        choose_default(version, actor=root)

    assert "Nobody is Accountable for “Release to production”" in refused.value.reasons[0]
    assert organisation.chosen_default() is None


def test_what_was_chosen_is_kept_for_good(root):
    kept = choose_default(matrix().versions.get(), actor=root)

    with pytest.raises(DatabaseError, match="keeps history"), transaction.atomic():
        OrganisationDefault.objects.filter(pk=kept.pk).update(chosen_by_name="Somebody")
