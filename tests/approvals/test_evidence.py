"""The digest of evidence: the same for the same content, also after PostgreSQL has kept it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.approvals.evidence import as_stored, digest
from governance.approvals.models import Request
from tests.approvals.factories import open_request

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner),
    max_leaves=8,
)


def test_the_order_of_keys_does_not_matter():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})


def test_any_other_content_has_another_digest():
    assert digest({"auc": 0.79}) != digest({"auc": 0.8})


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(values)
def test_what_is_stored_once_is_stored_the_same_again(value):
    stored = as_stored({"value": value})

    assert as_stored(stored) == stored
    assert digest(as_stored(stored)) == digest(stored)


@pytest.mark.django_db
def test_the_digest_of_a_request_holds_after_a_round_trip():
    request = open_request(evidence={"big": 1e16, "small": 1e-7, "minus": -0.0, "word": "é"})

    stored = Request.objects.get(pk=request.pk)

    assert digest(stored.evidence) == stored.evidence_digest
