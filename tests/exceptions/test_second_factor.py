"""Exceptions are signed as the policy of the red rule asks for, and say what they were confirmed with."""

import pytest

from governance.accounts import passkeys
from governance.accounts.authentication import Signed
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import NotAllowed
from governance.exceptions.models import Signature
from tests.accounts.second_factors import App, Passkey
from tests.exceptions.factories import asked, governed, person, sign, version_of

pytestmark = pytest.mark.django_db
STEP_UP = "signature: {second_factor: [1]}\n"


@pytest.fixture
def strict():
    return asked(version_of(governed(extra=STEP_UP)))


def test_the_password_alone_does_not_suffice(strict):
    App.of(person("rui"))

    with pytest.raises(NotAllowed) as refusal:
        sign(strict, "rui")

    assert refusal.value.code == "second_factor_needed"
    assert not Signature.objects.exists()


def test_password_and_code_do_and_both_are_on_the_record(strict):
    app = App.of(person("rui"))

    signature = sign(strict, "rui", code=app.code())

    assert signature.confirmed_with == "password and code"
    entry = Entry.objects.get(event=Event.EXCEPTION_SIGNED)
    assert entry.data["confirmed_with"] == "password and code"


def test_a_passkey_signs_what_it_was_shown_and_nothing_else():
    passkey = Passkey.of(person("rui"))
    one = asked(version_of(governed()))
    shown = Signed(one, one.digest)
    options = passkeys.begin(person("rui"), purpose=shown.purpose, host="testserver")
    answer = passkey.answer(options)

    assert sign(one, "rui", password="", passkey=answer).confirmed_with == "passkey"


def test_another_tier_is_signed_with_one():
    one = asked(version_of(governed(tier=2, extra=STEP_UP)))

    assert sign(one, "rui").confirmed_with == "password"
