"""Which act a version of a policy allows to whom: pure functions returning the reasons against it."""

from typing import TYPE_CHECKING

from django.conf import settings

from governance.accounts.queries import may_edit_policies

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.policies.models import PolicyVersion

EDITORS_ONLY = "Only policy editors and administrators write policies."


def against_submitting(version: "PolicyVersion") -> list[str]:
    if version.is_draft:
        return []
    return [f"Only a draft is given to review; {_standing(version)}."]


def against_sending_back(version: "PolicyVersion") -> list[str]:
    if version.is_in_review:
        return []
    return [f"Only what is in review can be sent back; {_standing(version)}."]


def against_publishing(version: "PolicyVersion", user: "User") -> list[str]:
    """Four eyes: whoever changed the text last is not the one to put it into force."""
    if version.is_draft:
        return [f"{version.label} is a draft; give it to review first."]
    if not version.is_in_review:
        return [f"Only what is in review can be published; {_standing(version)}."]
    if settings.POLICY_FOUR_EYES and version.author == user:
        return [
            f"You wrote the text of {version.label}; another policy editor has to read and "
            "publish it."
        ]
    return []


def against_retiring(version: "PolicyVersion") -> list[str]:
    if version.is_published:
        return []
    return [f"Only a published version can be retired; {_standing(version)}."]


def against_discarding(version: "PolicyVersion") -> list[str]:
    if version.is_draft or version.is_in_review:
        return []
    return [f"Only a draft can be discarded; {_standing(version)}."]


def acts(version: "PolicyVersion", user: "User") -> dict[str, list[str]]:
    """The acts that make sense now, each with the reasons why this person cannot do it."""
    if not may_edit_policies(user):
        return {}
    reasons = {
        "submit": against_submitting(version),
        "send_back": against_sending_back(version),
        "discard": against_discarding(version),
        "retire": against_retiring(version),
    }
    possible = {act: [] for act, against in reasons.items() if not against}
    if version.is_in_review:
        possible["publish"] = against_publishing(version, user)
    return possible


def _standing(version: "PolicyVersion") -> str:
    state = "in review" if version.is_in_review else str(version.state)
    return f"{version.label} is {state}"
