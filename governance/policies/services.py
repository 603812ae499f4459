"""The acts on policies: draft, revise, publish, retire; judging by them is blessing's."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from governance.accounts.queries import may_edit_policies
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.policies.checks import Checked, check
from governance.policies.document import NAME
from governance.policies.models import Policy, PolicyVersion, State
from governance.policies.surroundings import surroundings_of

if TYPE_CHECKING:
    from governance.accounts.models import User


def draft(name: str, text: str, *, actor: "User") -> PolicyVersion:
    """Begins the next version of the policy of that name; there is one draft at a time."""
    _check_may_edit(actor)
    checked = _checked(name, text)
    with transaction.atomic(durable=True):
        policy, _created = Policy.objects.get_or_create(
            name=name, defaults={"created_by": actor}
        )
        policy = Policy.objects.select_for_update().get(pk=policy.pk)
        _check_no_draft(policy)
        version = PolicyVersion.objects.create(
            policy=policy,
            number=_next_number(policy),
            created_by=actor,
            **_content(text, checked),
        )
        audit.record(Event.POLICY_DRAFTED, version, actor=actor, digest=version.digest)
    return version


def revise(version: PolicyVersion, text: str, *, actor: "User") -> PolicyVersion:
    """Replaces the text of a draft."""
    with _change(Event.POLICY_REVISED, version, actor) as version:
        _check_is_draft(version)
        former = version.digest
        for field, value in _content(text, _checked(version.policy.name, text)).items():
            setattr(version, field, value)
        version.save(update_fields=["text", "document", "digest"])
        audit.record(
            Event.POLICY_REVISED, version, actor=actor, former=former, digest=version.digest
        )
    return version


def publish(version: PolicyVersion, *, actor: "User") -> PolicyVersion:
    """Puts a draft into force and retires the version that was in force before."""
    with _change(Event.POLICY_PUBLISHED, version, actor) as version:
        _check_is_draft(version)
        # The checks may have grown since the draft was saved.
        _checked(version.policy.name, version.text)
        for former in version.policy.versions.filter(state=State.PUBLISHED):
            _retire(former, actor=actor, replaced_by=version.label)
        version.state = State.PUBLISHED
        version.published_by, version.published_at = actor, timezone.now()
        version.save(update_fields=["state", "published_by", "published_at"])
        audit.record(Event.POLICY_PUBLISHED, version, actor=actor, digest=version.digest)
    return version


def retire(version: PolicyVersion, *, actor: "User") -> PolicyVersion:
    """Takes a published version out of force; nothing replaces it."""
    with _change(Event.POLICY_RETIRED, version, actor) as version:
        if not version.is_published:
            raise Conflict(
                f"Only a published version can be retired; {version.label} is {version.state}."
            )
        _retire(version, actor=actor)
    return version


@contextmanager
def _change(event: Event, version: PolicyVersion, actor: "User") -> Iterator[PolicyVersion]:
    """Opens the transaction of an act on a version, under the lock on its policy."""
    with (
        audit.refusals_recorded(event, version, actor=actor),
        transaction.atomic(durable=True),
    ):
        _check_may_edit(actor)
        yield _lock(version)


def _retire(version: PolicyVersion, *, actor: "User", **data: str) -> None:
    version.state = State.RETIRED
    version.save(update_fields=["state"])
    audit.record(Event.POLICY_RETIRED, version, actor=actor, **data)


def _lock(version: PolicyVersion) -> PolicyVersion:
    """Takes the lock on the policy's row, which every act on its versions takes first."""
    Policy.objects.select_for_update().get(pk=version.policy_id)
    return PolicyVersion.objects.select_related("policy").get(pk=version.pk)


def _content(text: str, checked: Checked) -> dict[str, object]:
    return {
        "text": text,
        "document": checked.document.model_dump(mode="json"),
        "digest": f"sha256:{sha256(text.encode()).hexdigest()}",
    }


def _checked(name: str, text: str) -> Checked:
    if not NAME.fullmatch(name):
        raise Invalid(
            "A policy's name has lower-case letters, digits and single hyphens.", field="name"
        )
    checked = check(text, surroundings_of)
    if checked.document.policy != name:
        raise Invalid(
            f"The text says “policy: {checked.document.policy}”, but this is {name}.",
            field="text",
        )
    return checked


def _next_number(policy: Policy) -> int:
    latest = policy.versions.order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _check_may_edit(actor: "User") -> None:
    if not may_edit_policies(actor):
        raise NotAllowed("Only policy editors and administrators write policies.")


def _check_is_draft(version: PolicyVersion) -> None:
    if not version.is_draft:
        raise Conflict(
            f"{version.label} is {version.state} and never changes; draft a new version."
        )


def _check_no_draft(policy: Policy) -> None:
    existing = policy.versions.filter(state=State.DRAFT).first()
    if existing:
        raise Conflict(f"{existing.label} is still a draft; revise it.")
