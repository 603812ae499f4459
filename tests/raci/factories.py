"""People and matrices for tests: Ada asks, Bo approves, Cy is a stranger."""

from django.contrib.auth import get_user_model
from guardian.shortcuts import assign_perm

from raci import services


def person(username, **fields):
    user = get_user_model().objects.filter(username=username).first()
    return user or get_user_model().objects.create(
        username=username, first_name=username.title(), **fields
    )


def matrix(scope="use-case:credit", title="Credit", **holders):
    """A default matrix; `matrix(BO=bo)` makes Bo its business owner, with the right to change it."""
    made = services.create_matrix(
        scope, title, actor=None, holders={code: [user] for code, user in holders.items()}
    )
    if "BO" in holders:
        assign_perm("raci.change_matrix", holders["BO"], made)
    return made


def activity(matrix, key):
    return matrix.activities.get(key=key)


def role(matrix, code):
    return matrix.roles.get(code=code)
