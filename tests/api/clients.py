"""Callers of the API for tests, with a token of given scopes, and calls that leave no trace."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from rest_framework.test import APIClient

from governance.accounts.models import ApiToken, Scope

V1 = "/api/v1/"


def token_of(user, *scopes):
    """The plain text of a new token of the person; without scopes it has all of them."""
    _token, plain = ApiToken.objects.create(
        user=user, expiry=timedelta(hours=1), name="test", scopes=scopes or Scope.values
    )
    return plain


def bearing(user, *scopes):
    """A client with a token of the person; without scopes it has all of them."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(user, *scopes)}")
    return client


@contextmanager
def undone():
    """A transaction that is always rolled back and inside which services may begin theirs."""
    with transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)
