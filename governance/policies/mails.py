"""Whom the life of a policy tells what, and in which words; the sending is done by notifications."""

from typing import TYPE_CHECKING

from governance.accounts.queries import policy_editors
from governance.notifications import services as notifications
from governance.policies import inspection, life
from governance.policies.models import PolicyVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

MOST_CHANGES = 12


def ask_reviewers(version: PolicyVersion, *, actor: "User") -> None:
    """Asks everyone who may publish it, with what changes against the version in force."""
    readers = [
        one
        for one in policy_editors()
        if one.pk != actor.pk and not life.against_publishing(version, one)
    ]
    versions = list(version.policy.versions.select_related("policy"))
    changes = inspection.compared(version, inspection.former(version, versions)).changes
    notifications.tell(
        readers,
        "policy_in_review",
        subject=version,
        title=f"To review: {version.label}",
        line=f"{actor.display_name} gives {version.label} to review. Read it, then publish it or "
        "send it back.",
        url=version.get_absolute_url(),
        context={
            "changes": [f"{one.direction}: {one.sentence}" for one in changes[:MOST_CHANGES]],
            "more": max(0, len(changes) - MOST_CHANGES),
        },
    )


def tell_author(version: PolicyVersion, what: str, *, actor: "User", reason: str = "") -> None:
    """Tells who wrote the text what somebody else did with it: “was published”; nobody reviews it now."""
    notifications.settle(version)
    if version.author == actor:
        return
    notifications.tell(
        [version.author],
        "policy_told",
        subject=version,
        title=f"{version.label} {what}",
        line=f"{version.label} {what} by {actor.display_name}.",
        url=version.get_absolute_url(),
        context={"reason": reason},
    )
