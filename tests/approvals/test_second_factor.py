"""Signing with a code or a passkey: each serves once, and a policy may ask for it beside the password."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.utils import timezone

from governance.accounts import authentication, passkeys
from governance.accounts.authentication import Signed
from governance.accounts.models import PasskeyChallenge
from governance.approvals import services
from governance.approvals.models import Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, NotAllowed
from tests.accounts.second_factors import App, Flag, Passkey
from tests.approvals.factories import (
    PASSWORD,
    REASON,
    open_request,
    person,
    policy,
    sign,
    story,
)

pytestmark = pytest.mark.django_db
STEP_UP = "signature: {second_factor: [1]}"


@pytest.fixture
def request_():
    return open_request()


@pytest.fixture
def strict():
    """A request whose policy asks for two factors in its tier, which is 1."""
    rules = policy(signature=STEP_UP)
    return open_request(story(rules=rules))


def asked_of(name, request):
    signed = Signed(request, request.evidence_digest)
    return passkeys.begin(person(name), purpose=signed.purpose, host="testserver")


def refused(request, **given):
    with pytest.raises(NotAllowed) as refusal:
        sign(request, "rui", **{"password": "", **given})
    assert not Vote.objects.exists()
    return refusal.value


def test_a_code_signs_without_the_password(request_):
    app = App.of(person("rui"))

    vote = sign(request_, "rui", password="", code=app.code())

    assert vote.confirmed_with == "code"
    entry = Entry.objects.get(event=Event.VOTED)
    assert entry.data["confirmed_with"] == "code"


def test_a_passkey_signs_without_the_password(request_):
    passkey = Passkey.of(person("rui"))

    answer = passkey.answer(asked_of("rui", request_))

    assert sign(request_, "rui", password="", passkey=answer).confirmed_with == "passkey"
    assert not PasskeyChallenge.objects.exists()


def test_the_password_alone_signs_where_nothing_more_is_asked_for(request_):
    App.of(person("rui"))

    assert sign(request_, "rui").confirmed_with == "password"


def test_nothing_at_all_signs_nothing_and_counts_as_no_guess(request_):
    assert refused(request_).code == "nothing_given"
    assert not Entry.objects.filter(data__code__in=authentication.GUESSES).exists()


def test_a_code_confirms_once():
    app = App.of(person("rui"))
    code = app.code()
    case = story()
    sign(open_request(case), "rui", password="", code=code)

    with pytest.raises(NotAllowed) as refusal:
        sign(
            open_request(case, pointer="Production", pointer_kind="stage"),
            "rui",
            password="",
            code=code,
        )

    assert (refusal.value.code, refusal.value.field) == ("used_code", "code")


def test_a_code_older_than_one_that_was_used_confirms_nothing(request_):
    app = App.of(person("rui"))
    authentication.confirm_code(person("rui"), app.code())

    assert refused(request_, code=app.code(-1)).code == "used_code"


def test_a_code_that_let_in_signs_nothing(request_):
    app = App.of(person("rui"))
    code = app.code()
    authentication.confirm_code(person("rui"), code)

    assert refused(request_, code=code).code == "used_code"


@pytest.mark.parametrize("periods", [-1, 0, 1])
def test_a_clock_may_be_off_by_half_a_minute(request_, periods):
    app = App.of(person("rui"))

    assert sign(request_, "rui", password="", code=app.code(periods)).confirmed_with == "code"


def test_an_old_code_is_wrong(request_):
    app = App.of(person("rui"))

    assert refused(request_, code=app.code(-4)).code == "wrong_code"


def test_a_code_is_taken_with_spaces(request_):
    code = App.of(person("rui")).code()

    signed = sign(request_, "rui", password="", code=f"{code[:3]} {code[3:]} ")

    assert signed.confirmed_with == "code"


def test_wrong_codes_and_wrong_passwords_count_together(request_):
    app = App.of(person("rui"))
    for _ in range(3):
        refused(request_, code=app.wrong_code())
    for _ in range(2):
        refused(request_, password="guess")

    refusal = refused(request_, code=app.code())

    assert refusal.code == "too_many_wrong_passwords"
    assert refusal.sentence.startswith("5 wrong passwords or codes in 15 minutes")


def test_wrong_codes_at_the_sign_in_count_too(request_):
    rui = person("rui")
    app = App.of(rui)
    for _ in range(5):
        with pytest.raises(NotAllowed):
            authentication.confirm_code(rui, app.wrong_code())

    assert refused(request_, code=app.code()).code == "too_many_wrong_passwords"


def test_a_recovery_code_lets_in_once_and_never_signs(request_):
    rui = person("rui")
    App.of(rui)
    first, second = RecoveryCodes.activate(rui).get_unused_codes()[:2]

    assert authentication.confirm_code(rui, first).type == "recovery_codes"
    with pytest.raises(NotAllowed):
        authentication.confirm_code(rui, first)
    assert refused(request_, code=second).code == "wrong_code"


def test_who_has_no_app_is_told_so_and_it_is_no_guess(request_):
    refusal = refused(request_, code="123456")

    assert (refusal.code, refusal.field) == ("no_authenticator", "code")


def test_the_secret_is_unreadable_in_the_database():
    app = App.of(person("rui"))

    [row] = Authenticator.objects.all()

    assert app.secret not in str(row.data)


# Passkeys


def test_an_answer_serves_once():
    passkey = Passkey.of(person("rui"))
    case = story()
    first = open_request(case)
    answer = passkey.answer(asked_of("rui", first))
    sign(first, "rui", password="", passkey=answer)

    second = open_request(case, pointer="Production", pointer_kind="stage")
    with pytest.raises(NotAllowed) as refusal:
        sign(second, "rui", password="", passkey=answer)

    assert refusal.value.code == "no_challenge"


def test_an_answer_for_one_request_does_not_sign_another():
    passkey = Passkey.of(person("rui"))
    case = story()
    first = open_request(case)
    second = open_request(case, pointer="Production", pointer_kind="stage")
    answer = passkey.answer(asked_of("rui", first))

    assert refused(second, passkey=answer).code == "wrong_passkey"
    assert refused(first, passkey=answer).code == "no_challenge"  # a wrong use is a use


def test_an_answer_for_other_evidence_does_not_sign(request_):
    passkey = Passkey.of(person("rui"))
    purpose = Signed(request_, "sha256:" + "1" * 64).purpose
    asked = passkeys.begin(person("rui"), purpose=purpose, host="testserver")

    assert refused(request_, passkey=passkey.answer(asked)).code == "wrong_passkey"


def test_an_answer_is_good_for_five_minutes(request_, monkeypatch):
    passkey = Passkey.of(person("rui"))
    answer = passkey.answer(asked_of("rui", request_))
    late = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(passkeys.timezone, "now", lambda: late)

    assert refused(request_, passkey=answer).code == "old_challenge"


def test_only_the_newest_challenge_counts(request_):
    passkey = Passkey.of(person("rui"))
    before = passkey.answer(asked_of("rui", request_))
    asked_of("rui", request_)

    assert refused(request_, passkey=before).code == "wrong_passkey"


def test_the_passkey_has_to_know_its_owner(request_):
    passkey = Passkey.of(person("rui"))
    answer = passkey.answer(asked_of("rui", request_), flags=Flag.UP)

    assert refused(request_, passkey=answer).code == "wrong_passkey"


def test_the_passkey_of_somebody_else_signs_nothing(request_):
    Passkey.of(person("rui"))
    other = Passkey.of(person("cy"))

    answer = other.answer(asked_of("rui", request_))

    assert refused(request_, passkey=answer).code == "wrong_passkey"


def test_a_passkey_of_another_site_signs_nothing(request_):
    passkey = Passkey.of(person("rui"))
    asked = asked_of("rui", request_)
    passkey.host = "evil.example"

    assert refused(request_, passkey=passkey.answer(asked)).code == "wrong_passkey"


@pytest.mark.parametrize(
    "answer", ["x", "[]", "{}", '{"id": 1}', '{"response": null}', "[" * 900, "9" * 20_001]
)
def test_nonsense_is_refused_in_a_sentence(request_, answer):
    Passkey.of(person("rui"))
    asked_of("rui", request_)

    assert refused(request_, passkey=answer).code == "wrong_passkey"


def test_wrong_passkeys_count_as_guesses(request_):
    Passkey.of(person("rui"))
    for _ in range(5):
        asked_of("rui", request_)
        refused(request_, passkey="{}")

    assert refused(request_, password="x").code == "too_many_wrong_passwords"


def test_who_has_no_passkey_is_asked_nothing(request_):
    with pytest.raises(NotAllowed):
        asked_of("rui", request_)


def test_evidence_that_changed_since_it_was_read_is_not_signed(request_):
    step = request_.current_step
    step.request.evidence_digest = "sha256:" + "1" * 64  # as it was when the page was read

    with pytest.raises(Conflict) as refusal:
        services.vote(
            step, actor=person("rui"), decision="approve", reason=REASON, password=PASSWORD
        )

    assert refusal.value.code == "evidence_changed"
    assert not Vote.objects.exists()


# Where the policy asks for two


def test_a_tier_may_ask_for_the_password_and_a_code(strict):
    app = App.of(person("rui"))

    assert sign(strict, "rui", code=app.code()).confirmed_with == "password and code"


def test_a_tier_may_ask_for_the_password_and_a_passkey(strict):
    passkey = Passkey.of(person("rui"))
    answer = passkey.answer(asked_of("rui", strict))

    assert sign(strict, "rui", passkey=answer).confirmed_with == "password and passkey"


def test_neither_alone_suffices_there_and_nothing_is_used_up(strict):
    app = App.of(person("rui"))
    code = app.code()

    alone = refused(strict, password=PASSWORD)
    assert (alone.code, alone.field) == ("second_factor_needed", "code")
    assert refused(strict, code=code).field == "password"
    assert sign(strict, "rui", code=code).confirmed_with == "password and code"


def test_a_wrong_password_uses_no_code_up(strict):
    app = App.of(person("rui"))
    code = app.code()
    refused(strict, password="guess", code=code)

    assert sign(strict, "rui", code=code).confirmed_with == "password and code"


def test_who_has_no_second_factor_is_told_where_to_set_one_up(strict):
    refusal = refused(strict, password=PASSWORD)

    assert (refusal.code, refusal.link) == ("no_second_factor", "/account/factors/")
    assert "Me, Second factors" in refusal.sentence


def test_another_tier_of_the_same_policy_asks_for_one():
    rules = policy(signature="signature: {second_factor: [2, 3]}")

    assert sign(open_request(story(rules=rules)), "rui").confirmed_with == "password"
