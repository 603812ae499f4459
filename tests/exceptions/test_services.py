"""Asking, granting by tier, refusing, withdrawing, revoking, expiring: who, when, and what is kept."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from governance.accounts.authentication import MOST_FAILURES
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.exceptions import queries, seats, services, signals
from governance.exceptions.models import RuleException, Signature
from governance.usecases import services as usecases
from registry import services as registry
from tests.exceptions.factories import (
    asked,
    governed,
    granted,
    person,
    row,
    sign,
    today,
    version_of,
)

pytestmark = pytest.mark.django_db
WHY = "It is not needed any more."


def state_of(exception):
    return RuleException.objects.get(pk=exception.pk).state


def test_asking_freezes_what_is_asked_for_and_on_what():
    one = asked()

    assert (one.state, one.asked_by_name, one.tier, one.policy_label) == (
        "asked",
        "Mo",
        1,
        "credit v1",
    )
    entry = Entry.objects.get(event=Event.EXCEPTION_ASKED)
    assert entry.data["digest"] == one.digest
    assert not queries.in_force(one.version, "credit", today()).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "short"}, "reason"),
        ({"compensation": " "}, "compensation"),
        ({"reason": "x" * 5001}, "reason"),
        ({"until": today()}, "until"),
        ({"until": today(days=91)}, "until"),
    ],
)
def test_what_is_asked_badly_is_refused_by_its_field(changes, field):
    with pytest.raises(Invalid) as refused:
        asked(**changes)

    assert refused.value.field == field
    assert not RuleException.objects.exists()


@pytest.mark.parametrize("username", ["ada", "bo", "rui", "cy"])
def test_only_the_one_responsible_asks(username):
    version = version_of(governed())

    with pytest.raises(NotAllowed) as refused:
        asked(version, actor=person(username))

    assert refused.value.sentence.startswith(
        "You are not Responsible for “Grant a time-limited"
    )
    assert refused.value.sentence.endswith("; Mo may ask for it.")
    assert Entry.objects.get(event=Event.EXCEPTION_ASKED).refused


def test_one_exception_stands_for_a_rule_at_a_time():
    one = asked()

    with pytest.raises(Conflict) as refused:
        asked(one.version)

    assert refused.value.code == "exception_stands"
    assert refused.value.link == one.get_absolute_url()


def test_what_is_overdue_does_not_stand_in_the_way_of_its_successor():
    late = row(state="granted", until=today(days=-1), granted_at=timezone.now())

    asked(late.version)

    assert state_of(late) == "expired"


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("exceptions: {allowed: no}\n", "credit v1 allows no exceptions."),
        ("exceptions: {at_most: 30 days}\n", "Here an exception lasts at most 30 days: until "),
    ],
)
def test_a_policy_may_narrow_what_is_allowed(extra, sentence):
    version = version_of(governed(extra=extra))

    with pytest.raises((Conflict, Invalid)) as refused:
        asked(version)

    assert refused.value.sentence.startswith(sentence)


def test_a_rule_that_the_policy_does_not_have_cannot_be_excepted():
    with pytest.raises(Conflict) as refused:
        asked(rule="other: auc at least 0.99")

    assert refused.value.sentence == (
        "credit v1 does not have this rule any more; evaluate again."
    )


def test_what_nobody_could_grant_is_not_asked_for():
    version = version_of(governed(RV=[person("mo")]))

    with pytest.raises(Conflict) as refused:
        asked(version)

    assert refused.value.code == "nobody_to_grant"
    assert "Mo asked for it" in refused.value.sentence


def test_tier_1_takes_two_people():
    one = asked()

    sign(one, "rui")
    assert state_of(one) == "asked"
    sign(one, "bo")

    assert state_of(one) == "granted"
    assert queries.in_force(one.version, "credit", today()).get().granted_by == ["Rui", "Bo"]


def test_tier_2_takes_who_is_accountable_for_exceptions():
    one = asked(version_of(governed(tier=2)), until=today(days=180))

    with pytest.raises(NotAllowed):
        sign(one, "bo")
    sign(one, "rui")

    assert state_of(one) == "granted"


def test_tier_3_takes_who_is_responsible_as_well():
    one = asked(version_of(governed(tier=3, MO=[person("mo"), person("max")])))

    sign(one, "max")

    assert state_of(one) == "granted"
    assert one.signatures.get().capacity == (
        "Responsible for Grant a time-limited exception to a failed rule in Credit"
    )


def test_a_tier_that_was_raised_since_asks_for_both_signatures():
    version = version_of(governed(tier=2))
    one = asked(version)
    case = version.model.governed.use_case
    usecases.raise_tier(case, 1, actor=person("bo"), reason="It decides about people.")

    one = RuleException.objects.get(pk=one.pk)

    assert len(seats.progress(one)) == 2


def test_a_signature_keeps_who_as_what_and_on_what():
    one = asked()

    signature = sign(one, "rui", reason="The numbers are too small.")

    assert (signature.user_name, signature.meaning, signature.reason) == (
        "Rui",
        "excepted",
        "The numbers are too small.",
    )
    assert signature.digest == one.digest
    assert signature.capacity.startswith("Accountable for Grant a time-limited exception")


@pytest.mark.parametrize(
    ("holders", "username", "reason"),
    [
        ({}, "cy", "You are not Accountable for"),
        ({}, "ada", "You are not Accountable for"),
        (
            {"RV": ["rui", "mo"]},
            "mo",
            "You asked for this exception, so you may not sign it.",
        ),
        (
            {"RV": ["rui", "ada"]},
            "ada",
            "You registered the version, so you may not sign it.",
        ),
        (
            {"RV": ["rui", "eve"]},
            "eve",
            "You handed in the evaluation, so you may not sign it.",
        ),
    ],
)
def test_who_had_a_part_in_it_does_not_sign(holders, username, reason):
    roles = {role: [person(name) for name in names] for role, names in holders.items()}
    eve = (person("eve").pk, "handed in the evaluation")
    one = asked(version_of(governed(**roles)), contributions=[eve])

    with pytest.raises(NotAllowed) as refused:
        sign(one, username)

    assert any(found.startswith(reason) for found in refused.value.reasons)
    assert not Signature.objects.exists()


def test_one_person_never_gives_both_signatures():
    both = person("rui")
    one = asked(version_of(governed(RV=[both], BO=[person("bo"), both])))

    sign(one, "rui")
    with pytest.raises(Conflict) as refused:
        sign(one, "rui")

    assert refused.value.sentence == "You have signed this exception already."
    assert state_of(one) == "asked"


def test_a_refusal_ends_it():
    one = asked()
    sign(one, "rui")

    sign(one, "bo", decision="refuse", reason="The risk is too high.")

    ended = RuleException.objects.get(pk=one.pk)
    assert (ended.state, ended.ended_by_name, ended.closing_reason) == (
        "refused",
        "Bo",
        "The risk is too high.",
    )
    with pytest.raises(Conflict):
        services.revoke(one, actor=person("rui"), reason=WHY)


def test_a_wrong_password_signs_nothing_and_five_lock_votes_and_exceptions_alike():
    one = asked()
    for _ in range(MOST_FAILURES):
        with pytest.raises(NotAllowed) as refused:
            sign(one, "rui", password="wrong")
        assert refused.value.field == "password"

    with pytest.raises(NotAllowed) as refused:
        sign(one, "rui")

    assert refused.value.code == "too_many_wrong_passwords"
    assert not Signature.objects.exists()


def test_an_unknown_decision_is_refused():
    with pytest.raises(Invalid):
        sign(asked(), "rui", decision="perhaps")


def test_who_asked_may_withdraw_until_it_is_decided():
    one = asked()
    with pytest.raises(NotAllowed):
        services.withdraw(one, actor=person("rui"), reason=WHY)

    services.withdraw(one, actor=person("mo"), reason=WHY)

    assert state_of(one) == "withdrawn"
    with pytest.raises(Conflict):
        sign(one, "rui")


@pytest.mark.parametrize(
    ("username", "may"), [("rui", True), ("bo", True), ("mo", True), ("ada", False)]
)
def test_who_answers_for_it_may_revoke_it(username, may):
    one = granted()

    if may:
        services.revoke(one, actor=person(username), reason=WHY)
    else:
        with pytest.raises(NotAllowed):
            services.revoke(one, actor=person(username), reason=WHY)

    assert state_of(one) == ("revoked" if may else "granted")


def test_only_what_was_granted_can_be_revoked():
    with pytest.raises(Conflict):
        services.revoke(asked(), actor=person("rui"), reason=WHY)


@pytest.mark.parametrize("state", ["asked", "granted"])
def test_after_its_last_day_it_expires(state):
    late = row(state=state, until=today(days=-1))
    last = row(version_of(late.version.model), state=state, until=today())

    assert services.expire_overdue() == 1

    assert (state_of(late), state_of(last)) == ("expired", state)


def test_what_still_holds_is_not_expired():
    with pytest.raises(Conflict):
        services.expire(granted())


def test_after_its_last_day_nobody_signs():
    late = row(until=today(days=-1))

    with pytest.raises(Conflict) as refused:
        sign(late, "rui")

    assert refused.value.sentence.startswith("Its last day was ")


def test_every_change_is_told_with_the_state_before():
    heard = []

    def listen(exception, was, **_):
        heard.append((was, exception.state))

    signals.changed.connect(listen)
    one = granted()
    services.revoke(one, actor=person("rui"), reason=WHY)
    signals.changed.disconnect(listen)

    assert heard == [("asked", "granted"), ("granted", "revoked")]


@pytest.mark.parametrize(
    "change",
    [
        {"until": today(days=300)},
        {"reason": "Another reason."},
        {"rule_text": "auc: auc at least 0.1"},
        {"state": "asked"},
    ],
)
def test_postgresql_keeps_what_was_asked_for_and_granted(change):
    one = granted()

    with pytest.raises(DatabaseError), transaction.atomic():
        RuleException.objects.filter(pk=one.pk).update(**change)


def alter(exception, **changes):
    """As somebody could who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        RuleException.objects.filter(pk=exception.pk).update(**changes)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_what_was_altered_after_the_first_signature_is_not_signed():
    one = asked()
    sign(one, "rui")
    alter(one, reason="Another reason.")

    with pytest.raises(Conflict) as refused:
        sign(one, "bo")

    assert state_of(one) == "asked"
    assert refused.value.code == "evidence_altered"


def test_what_was_altered_after_it_was_granted_excepts_nothing():
    one = granted()
    assert queries.frozen_in_force(one.version, "credit", today())

    alter(one, until=today(days=900))

    assert queries.frozen_in_force(one.version, "credit", today()) == []


@pytest.mark.parametrize("state", ["refused", "withdrawn", "revoked", "expired"])
def test_postgresql_lets_nothing_come_back_that_has_ended(state):
    one = row(state=state)

    with pytest.raises(DatabaseError), transaction.atomic():
        RuleException.objects.filter(pk=one.pk).update(state="granted")


def test_a_deleted_version_is_not_excepted():
    version = version_of(governed())
    registry.delete_version(version, actor=person("root", "administrator"))

    with pytest.raises(Conflict):
        asked(version)


def test_a_question_about_a_deleted_version_is_withdrawn():
    one = asked()

    registry.delete_version(one.version, actor=person("root", "administrator"))

    ended = RuleException.objects.get(pk=one.pk)
    assert (ended.state, ended.closing_reason) == ("withdrawn", "The version was deleted.")


def test_what_people_sign_keeps_its_name_when_the_model_is_renamed():
    one = asked()
    before = one.digest
    registry.rename_model(one.version.model, "scoring", actor=person("root", "administrator"))

    assert RuleException.objects.get(pk=one.pk).digest == before


def test_an_exception_waits_for_those_who_may_grant_it():
    one = asked()

    assert [found.exception for found in queries.awaiting(person("rui"))] == [one]
    assert [found.exception for found in queries.awaiting(person("bo"))] == [one]
    assert queries.awaiting(person("mo")) == []
    sign(one, "rui")
    assert queries.awaiting(person("rui")) == []


def test_what_waits_is_read_in_few_queries_however_many(django_assert_max_num_queries):
    model = governed()
    for _ in range(4):
        asked(version_of(model))
    rui = person("rui")

    with django_assert_max_num_queries(4):
        assert len(queries.awaiting(rui)) == 4


def test_it_ends_at_the_midnight_after_its_last_day():
    one = row()

    assert timezone.localdate(one.ends_at) == one.until + timedelta(days=1)
