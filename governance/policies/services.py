"""The acts on policies, from draft to retirement; judging by them is blessing's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from governance.accounts.authentication import Proof, Signed, reauthenticate
from governance.accounts.queries import may_edit_policies
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.policies import life, mails
from governance.policies.document import NAME
from governance.policies.inheritance import Resolved, resolve
from governance.policies.models import CONTENT, Policy, PolicyVersion, State
from governance.policies.queries import find_base, published_version
from governance.policies.surroundings import surroundings_of

if TYPE_CHECKING:
    from governance.accounts.models import User

RESERVED = {"new"}
MAX_REASON = 2000


class Written(StrEnum):
    """What became of a text that was handed in as a file."""

    UNCHANGED = "unchanged"
    DRAFTED = "drafted"
    REVISED = "revised"


def draft(name: str, text: str, *, actor: "User") -> PolicyVersion:
    """Begins the next version of the policy of that name; there is one draft at a time."""
    _check_may_edit(actor)
    text = _plain(text)
    resolved = examine(name, text)
    with transaction.atomic(durable=True):
        policy = _locked(name, actor)
        _check_nothing_open(policy)
        return _begin(policy, text, resolved, actor)


def revise(
    version: PolicyVersion, text: str, *, actor: "User", seen: str = ""
) -> PolicyVersion:
    """Replaces the text of a draft; `seen` is the digest of the text that was changed, if known."""
    text = _plain(text)
    with _change(Event.POLICY_REVISED, version, actor) as version:
        _check_is_draft(version)
        if seen and seen != version.digest:
            raise Conflict(
                f"{version.author.display_name} changed {version.label} meanwhile; take those "
                "changes over before you save yours."
            )
        _replace(version, text, examine(version.policy.name, text), actor)
    return version


def put(name: str, text: str, *, actor: "User") -> tuple[PolicyVersion, Written]:
    """Takes a policy's file: nothing changes if the newest text is the same, else a draft does."""
    _check_may_edit(actor)
    text = _plain(text)
    resolved = examine(name, text)
    with transaction.atomic(durable=True):
        policy = _locked(name, actor)
        newest = policy.versions.exclude(state=State.RETIRED).order_by("-number").first()
        if newest is not None and newest.text == text:
            return newest, Written.UNCHANGED
        if newest is None or newest.is_published:
            return _begin(policy, text, resolved, actor), Written.DRAFTED
        _check_is_draft(newest)
        _replace(newest, text, resolved, actor)
        return newest, Written.REVISED


def submit(version: PolicyVersion, *, actor: "User") -> PolicyVersion:
    """Gives a draft to review; from now on its text stands still."""
    with _change(Event.POLICY_SUBMITTED, version, actor) as version:
        _refuse(life.against_submitting(version))
        resolved = examine(version.policy.name, version.text)
        if _base_pk(resolved) != version.base_version_id:
            _write(version, version.text, resolved)
        _move(version, State.REVIEW, "submitted", actor)
        audit.record(Event.POLICY_SUBMITTED, version, actor=actor, digest=version.digest)
        mails.ask_reviewers(version, actor=actor)
    return version


def send_back(version: PolicyVersion, *, actor: "User", reason: str) -> PolicyVersion:
    """Makes a draft of what is in review again, and says what must become better."""
    with _change(Event.POLICY_SENT_BACK, version, actor) as version:
        _refuse(life.against_sending_back(version))
        version.returned_reason = _reason(reason)
        _move(version, State.DRAFT, "returned", actor, "returned_reason")
        audit.record(
            Event.POLICY_SENT_BACK, version, actor=actor, reason=version.returned_reason
        )
        mails.tell_author(version, "was sent back", actor=actor, reason=version.returned_reason)
    return version


def sign(
    version: PolicyVersion,
    *,
    actor: "User",
    reason: str,
    seen: str = "",
    password: str = "",
    code: str = "",
    passkey: str = "",
) -> PolicyVersion:
    """Publishes with a signature: who, why, confirmed anew, on the text with the digest `seen`."""
    reason = _reason(reason)
    with audit.refusals_recorded(Event.POLICY_PUBLISHED, version, actor=actor):
        _check_may_edit(actor)
        _refuse(life.against_publishing(version, actor), code="not_publishable")
        _check_is_what_was_read(version, seen)
    signed = Signed(version, version.digest)
    method = reauthenticate(
        actor, Proof(password, code, passkey), signed, event=Event.POLICY_PUBLISHED
    )
    return publish(
        version, actor=actor, reason=reason, confirmed_with=method, seen=version.digest
    )


def publish(
    version: PolicyVersion,
    *,
    actor: "User",
    reason: str = "",
    confirmed_with: str = "",
    seen: str = "",
) -> PolicyVersion:
    """Puts what was reviewed into force and retires the version that was in force before.

    People sign it (`sign`); an operator's command publishes in the name of an editor.
    """
    with _change(Event.POLICY_PUBLISHED, version, actor) as version:
        _refuse(life.against_publishing(version, actor), code="not_publishable")
        _check_is_what_was_read(version, seen)
        _check_base_is_current(version)
        for former in version.policy.versions.filter(state=State.PUBLISHED):
            _retire(former, actor=actor, replaced_by=version.label)
        version.published_reason, version.published_with = reason, confirmed_with
        _move(
            version,
            State.PUBLISHED,
            "published",
            actor,
            "published_reason",
            "published_with",
        )
        audit.record(
            Event.POLICY_PUBLISHED,
            version,
            actor=actor,
            digest=version.digest,
            **({"reason": reason, "confirmed_with": confirmed_with} if reason else {}),
        )
        mails.tell_author(version, "was published", actor=actor, reason=reason)
    return version


def retire(version: PolicyVersion, *, actor: "User", reason: str = "") -> PolicyVersion:
    """Takes a published version out of force; nothing replaces it."""
    with _change(Event.POLICY_RETIRED, version, actor) as version:
        _refuse(life.against_retiring(version))
        told = {"reason": _reason(reason)} if reason else {}
        version.retired_reason = told.get("reason", "")
        _retire(version, actor=actor, **told)
    return version


def discard(version: PolicyVersion, *, actor: "User", reason: str) -> PolicyVersion:
    """Lays a draft aside that never came into force; the next version takes the next number."""
    with _change(Event.POLICY_DISCARDED, version, actor) as version:
        _refuse(life.against_discarding(version))
        version.retired_reason = _reason(reason)
        _move(version, State.RETIRED, "retired", actor, "retired_reason")
        audit.record(
            Event.POLICY_DISCARDED, version, actor=actor, reason=version.retired_reason
        )
        mails.tell_author(version, "was discarded", actor=actor, reason=version.retired_reason)
    return version


def examine(name: str, text: str) -> Resolved:
    """Reads and checks a text as the policy of that name; raises Invalid with every problem."""
    if not NAME.fullmatch(name):
        raise Invalid(
            "A policy's name has lower-case letters, digits and single hyphens.", field="name"
        )
    if name in RESERVED:
        raise Invalid(f"No policy can be called “{name}”; choose another name.", field="name")
    resolved = resolve(text, find_base, surroundings_of)
    if resolved.document.policy != name:
        raise Invalid(
            f"The text says “policy: {resolved.document.policy}”, but this is {name}.",
            field="text",
        )
    return resolved


@contextmanager
def _change(event: Event, version: PolicyVersion, actor: "User") -> Iterator[PolicyVersion]:
    """Opens the transaction of an act on a version, under the lock on its policy."""
    with (
        audit.refusals_recorded(event, version, actor=actor),
        transaction.atomic(durable=True),
    ):
        _check_may_edit(actor)
        yield _lock(version)


def _begin(policy: Policy, text: str, resolved: Resolved, actor: "User") -> PolicyVersion:
    version = PolicyVersion.objects.create(
        policy=policy,
        number=_next_number(policy),
        created_by=actor,
        **_content(text, resolved),
    )
    audit.record(Event.POLICY_DRAFTED, version, actor=actor, digest=version.digest)
    return version


def _replace(version: PolicyVersion, text: str, resolved: Resolved, actor: "User") -> None:
    former = version.digest
    version.revised_by, version.revised_at = actor, timezone.now()
    _write(version, text, resolved)
    audit.record(
        Event.POLICY_REVISED, version, actor=actor, former=former, digest=version.digest
    )


def _write(version: PolicyVersion, text: str, resolved: Resolved) -> None:
    for field, value in _content(text, resolved).items():
        setattr(version, field, value)
    version.save(update_fields=[field.removesuffix("_id") for field in CONTENT])


def _move(version: PolicyVersion, state: State, act: str, actor: "User", *more: str) -> None:
    """Changes the state, and writes down who did it and when."""
    version.state = state
    setattr(version, f"{act}_by", actor)
    setattr(version, f"{act}_at", timezone.now())
    version.save(update_fields=["state", f"{act}_by", f"{act}_at", *more])


def _retire(version: PolicyVersion, *, actor: "User", **data: str) -> None:
    _move(version, State.RETIRED, "retired", actor, "retired_reason")
    audit.record(Event.POLICY_RETIRED, version, actor=actor, **data)


def _lock(version: PolicyVersion) -> PolicyVersion:
    """Takes the lock on the policy's row, which every act on its versions takes first."""
    Policy.objects.select_for_update().get(pk=version.policy_id)
    people = ("created_by", "revised_by")
    return PolicyVersion.objects.select_related("policy", *people).get(pk=version.pk)


def _locked(name: str, actor: "User") -> Policy:
    policy, _created = Policy.objects.get_or_create(name=name, defaults={"created_by": actor})
    return Policy.objects.select_for_update().get(pk=policy.pk)


def _content(text: str, resolved: Resolved) -> dict[str, object]:
    return {
        "text": text,
        "resolved_text": "" if resolved.base is None else resolved.text,
        "base_version_id": _base_pk(resolved),
        "document": resolved.document.model_dump(mode="json"),
        "digest": f"sha256:{sha256(resolved.text.encode()).hexdigest()}",
    }


def _plain(text: str) -> str:
    """Browsers and some editors end a line with two characters; a digest must not depend on it."""
    return text.replace("\r\n", "\n")


def _base_pk(resolved: Resolved) -> int | None:
    if resolved.base is None:
        return None
    versions = PolicyVersion.objects.filter(policy__name=resolved.base.name)
    return versions.values_list("pk", flat=True).get(number=resolved.base.number)


def _next_number(policy: Policy) -> int:
    latest = policy.versions.order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _reason(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid("Say why, so that the author knows.", field="reason")
    if len(words) > MAX_REASON:
        raise Invalid(f"A reason has at most {MAX_REASON} characters.", field="reason")
    return words


def _refuse(reasons: Sequence[str], code: str = "") -> None:
    if reasons:
        raise Conflict(reasons[0], code=code, reasons=reasons)


def _check_may_edit(actor: "User") -> None:
    if not may_edit_policies(actor):
        raise NotAllowed(life.EDITORS_ONLY)


def _check_is_draft(version: PolicyVersion) -> None:
    if version.is_in_review:
        raise Conflict(f"{version.label} is in review; send it back before you change it.")
    if not version.is_draft:
        raise Conflict(
            f"{version.label} is {version.state} and never changes; draft a new version."
        )


def _check_is_what_was_read(version: PolicyVersion, seen: str) -> None:
    if seen and seen != version.digest:
        raise Conflict(
            f"The text of {version.label} changed since you read it; read it again.",
            code="text_changed",
        )


def _check_nothing_open(policy: Policy) -> None:
    existing = policy.versions.filter(state__in=[State.DRAFT, State.REVIEW]).first()
    if existing is None:
        return
    if existing.is_draft:
        raise Conflict(f"{existing.label} is still a draft; revise it.")
    raise Conflict(f"{existing.label} is in review; publish it or send it back first.")


def _check_base_is_current(version: PolicyVersion) -> None:
    """What was reviewed is what comes into force: the base, and the checks as they are today."""
    base = version.base_version
    if base is not None and not base.is_published:
        newer = published_version(base.policy.name)
        now = f"{newer.label} is in force" if newer else "no version of it is in force"
        raise Conflict(
            f"{version.label} was written against {base.label}, but {now} now; send it back, "
            "save it again and give it to review."
        )
    examine(version.policy.name, version.text)
