"""The one act on back-tests: asking for one; the job that makes it is jobs.py."""

from hashlib import sha256

from django.db import transaction

from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.backtests import selection as selecting
from governance.backtests.models import BackTest
from governance.backtests.selection import Selection
from governance.errors import Conflict, Invalid
from governance.jobs import services as jobs
from governance.jobs.models import Job
from governance.policies.inheritance import resolve
from governance.policies.models import PolicyVersion
from governance.policies.queries import find_base

KIND = "backtest.run"
QUEUE = "evaluation"
MOST_EVALUATIONS = 100_000
# Each may keep a worker busy for a minute.
MOST_AT_ONCE = 2


def request_back_test(
    *,
    actor: User,
    policy_version: PolicyVersion | None = None,
    text: str = "",
    selection: Selection | None = None,
) -> BackTest:
    """Enqueues the judging of past evaluations by a policy version, or by a text that is no version yet.

    Whoever may see evaluations may ask: nothing is learned but what their figures come to.
    """
    selection = selection or Selection()
    tried = _of_version(policy_version) if policy_version else _of_text(text)
    selecting.check(selection, actor)
    _check_amount(selecting.selected(selection, actor).count())
    with transaction.atomic(durable=True):
        _check_not_too_many(actor)
        made = BackTest(selection=selection.to_json(), created_by=actor, **tried)
        made.job = jobs.enqueue(
            KIND,
            actor=actor,
            subject=made,
            arguments={"back_test": str(made.pk)},
            queue=QUEUE,
        )
        made.save(force_insert=True)
        audit.record(
            Event.BACK_TEST_REQUESTED,
            made,
            actor=actor,
            policy=made.label,
            digest=made.digest,
            selection=made.selection,
        )
    return made


def _of_version(version: PolicyVersion) -> dict[str, object]:
    state = "" if version.is_published else f" ({version.get_state_display().lower()})"
    return {
        "policy_version": version,
        "policy_name": version.policy.name,
        "label": f"{version.label}{state}",
        "text": version.whole_text,
        "digest": digest_of(version.whole_text),
    }


def _of_text(text: str) -> dict[str, object]:
    if not text.strip():
        raise Invalid("Name a version of a policy, or give the text to try.", field="text")
    resolved = resolve(text, find_base)
    name = resolved.document.policy
    return {
        "policy_version": None,
        "policy_name": name,
        "label": f"{name} (a text that is no version)",
        "text": resolved.text,
        "digest": digest_of(resolved.text),
    }


def digest_of(text: str) -> str:
    """Names a text, with all it takes over from a base."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def _check_amount(count: int) -> None:
    if not count:
        raise Invalid("No finished evaluation that you may see matches.", field="selection")
    if count > MOST_EVALUATIONS:
        raise Invalid(
            f"{count:,} evaluations match; narrow it to {MOST_EVALUATIONS:,}.",
            field="selection",
        )


def _check_not_too_many(actor: User) -> None:
    """Under a lock on the person, so that two requests at once count each other."""
    User.objects.select_for_update().get(pk=actor.pk)
    running = Job.objects.unfinished().filter(kind=KIND, created_by=actor)
    if running.count() >= MOST_AT_ONCE:
        raise Conflict(
            f"{MOST_AT_ONCE} of your back-tests are not finished yet; wait for one or cancel it."
        )
