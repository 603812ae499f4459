import pytest

from governance.accounts import queries
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("group", "administrates", "edits_policies", "reads_everything"),
    [
        ("administrator", True, True, True),
        ("policy editor", False, True, False),
        ("auditor", False, False, True),
        ("member", False, False, False),
    ],
)
def test_each_group_carries_its_rights(group, administrates, edits_policies, reads_everything):
    user = person("someone", group)

    assert queries.is_administrator(user) is administrates
    assert queries.may_edit_policies(user) is edits_policies
    assert queries.reads_everything(user) is reads_everything


def test_an_inactive_administrator_has_no_rights():
    user = person("gone", "administrator")
    user.is_active = False
    user.save()

    assert not queries.is_administrator(user)
