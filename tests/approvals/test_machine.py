"""Any acts by anyone in any order: what holds of a request after each of them."""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from governance.approvals import expiry, rework, services, talk
from governance.approvals.models import FormerAccount, Request, Vote
from governance.approvals.queries import voters
from governance.approvals.transitions import MOVES, State
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import DOMAIN_ERRORS
from governance.notifications.models import MailState, Notification
from governance.release.models import Clearance
from tests.api.clients import undone
from tests.approvals.factories import (
    EVIDENCE,
    PASSWORD,
    RELEASE,
    VALIDATION,
    open_request,
    person,
    story,
)

BUILDER = "ada"
PEOPLE = ["ada", "rui", "ray", "ron", "bo", "bea", "sam", "cy"]
REASON = "For a reason of mine."
STEPS = (
    VALIDATION.replace("meaning", "quorum: 2, veto: false, meaning"),
    "{step: second look, activity: independent_validation, duty: R, meaning: seen, parallel: true}",
    RELEASE,
)
AFTER = {
    state: {after for (before, _), after in MOVES.items() if before == state} for state in State
}


class Approval(RuleBasedStateMachine):
    """One request; what a person may not do is refused with a sentence and changes nothing."""

    seen: ClassVar[set[State]] = set()

    def __init__(self):
        super().__init__()
        self.world = undone()
        self.world.__enter__()
        self.states = [State.OPEN]
        self.evidence = 0

    def teardown(self):
        self.world.__exit__(None, None, None)

    @initialize()
    def ask(self):
        validators = [person(name) for name in ("rui", "ray", "ron", BUILDER)]
        owners = [person("bo"), person("bea")]
        self.pk = open_request(story(steps=STEPS, RV=validators, BO=owners)).pk
        person("cy")

    @property
    def request(self):
        return Request.objects.with_steps().get(pk=self.pk)

    @rule(
        name=some.sampled_from(PEOPLE),
        position=some.integers(0, 2),
        decision=some.sampled_from(["reject", *Vote.Decision.values]),
    )
    def vote(self, name, position, decision):
        self.vote_on(self.request.steps.all()[position], name, decision)

    def vote_on(self, step, name, decision):
        self.attempt(
            services.vote,
            step,
            actor=person(name),
            decision=decision,
            reason=REASON,
            password=PASSWORD,
        )

    @rule(pick=some.integers(0, 9), times=some.integers(1, 5))
    def sign_as_asked(self, pick, times):
        """People who may sign steps that are open, so that requests also reach their end."""
        for turn in range(times):
            self.answer_as_asked(pick + turn, "approve")

    @rule(pick=some.integers(0, 9))
    def ask_for_changes(self, pick):
        self.answer_as_asked(pick, "changes")

    def answer_as_asked(self, pick, decision):
        asked = [
            (one, step)
            for step in self.request.open_steps
            for one in voters(self.request, step)
        ]
        if asked:
            name, step = asked[pick % len(asked)]
            self.vote_on(step, name.username, decision)

    @rule(name=some.sampled_from([BUILDER, BUILDER, "rui"]), is_changed=some.booleans())
    def hand_in_again(self, name, is_changed):
        self.evidence += is_changed
        self.attempt(
            rework.begin_round,
            self.request,
            actor=person(name),
            evidence={**EVIDENCE, "n": 400 + self.evidence},
            blessing=self.request.blessing,
            changes=[],
            answer=REASON,
        )

    @rule(name=some.sampled_from(["bo", "cy", "rui", BUILDER]))
    def withdraw(self, name):
        self.attempt(services.withdraw, self.request, actor=person(name), reason=REASON)

    @rule()
    def expire(self):
        """In time nothing ends; after much has been tried, much time has passed."""
        days = 60 if len(self.states) > 11 else 3
        self.attempt(expiry.expire, self.request, now=timezone.now() + timedelta(days=days))

    @rule(name=some.sampled_from(["rui", "ada"]))
    def comment(self, name):
        self.attempt(talk.comment, self.request, actor=person(name), text="Why?")

    def attempt(self, act, *subject, **more):
        """Does it, or is refused and finds everything as it was."""
        before = (self.request.state, self.request.round, Vote.objects.count())
        try:
            act(*subject, **more)
        except DOMAIN_ERRORS as refused:
            assert refused.sentence
            assert (self.request.state, self.request.round, Vote.objects.count()) == before
        self.states.append(State(self.request.state))
        self.seen.add(self.states[-1])

    @invariant()
    def every_move_is_in_the_table(self):
        for before, after in zip(self.states, self.states[1:], strict=False):
            assert after == before or after in AFTER[before]

    @invariant()
    def nobody_who_is_separated_has_signed(self):
        assert not Vote.objects.filter(user__username__in=[BUILDER, "cy", "sam"]).exists()

    @invariant()
    def a_person_approves_one_step_of_the_present_evidence(self):
        approvals = [
            vote.user_id for step in self.request.steps.all() for vote in step.approvals
        ]
        assert max(Counter(approvals).values(), default=0) <= 1

    @invariant()
    def no_clearance_without_every_quorum(self):
        request = self.request
        is_cleared = Clearance.objects.filter(request=request).exists()
        assert is_cleared == (request.state == State.APPROVED)
        if is_cleared:
            assert all(len(step.approvals) >= step.quorum for step in request.steps.all())

    @invariant()
    def every_signature_and_round_is_in_the_trail(self):
        done = Entry.objects.filter(refused=False)
        assert done.filter(event=Event.VOTED).count() == Vote.objects.count()
        rounds = FormerAccount.objects.filter(request=self.pk).count()
        assert done.filter(event=Event.HANDED_IN_AGAIN).count() == rounds
        assert self.request.round == rounds + 1

    @invariant()
    def nobody_is_asked_twice_for_the_same(self):
        asked = Notification.objects.filter(kind="approval_requested")
        times = Counter(
            (row["user"], row["context"]["step"]) for row in asked.values("user", "context")
        )
        assert max(times.values(), default=0) <= self.request.round

    @invariant()
    def what_is_decided_waits_for_nobody(self):
        if not self.request.is_undecided:
            asking = Notification.objects.filter(kind="approval_requested")
            assert not asking.filter(mail_state=MailState.WAITING).exists()


@pytest.mark.django_db
def test_whatever_people_do_the_promises_hold():
    bounded = settings(
        max_examples=10,
        stateful_step_count=12,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Approval, settings=bounded)

    assert {State.APPROVED, State.REWORK} <= Approval.seen
