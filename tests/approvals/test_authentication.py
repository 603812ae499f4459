"""The password at each signature: wrong ones are refused, kept, and limited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.accounts import authentication
from governance.accounts.authentication import Proof, Signed
from governance.approvals.models import Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import NotAllowed
from tests.approvals.factories import open_request, person, sign, story

pytestmark = pytest.mark.django_db


def fail(request, times=1):
    for _ in range(times):
        with pytest.raises(NotAllowed):
            sign(request, "rui", password="wrong")


def later(monkeypatch, **delta):
    moment = timezone.now() + timedelta(**delta)
    monkeypatch.setattr(authentication.timezone, "now", lambda: moment)


def test_a_wrong_password_signs_nothing_and_is_kept():
    request = open_request()

    with pytest.raises(NotAllowed) as refused:
        sign(request, "rui", password="wrong")

    assert (refused.value.sentence, refused.value.field) == (
        "The password is wrong.",
        "password",
    )
    assert not Vote.objects.exists()
    entry = Entry.objects.get(event=Event.VOTED, refused=True)
    assert (entry.actor_name, entry.data["code"]) == ("Rui", "wrong_password")


def test_four_wrong_passwords_leave_another_try():
    request = open_request()
    fail(request, 4)

    assert sign(request, "rui").user_name == "Rui"


def test_after_five_wrong_passwords_the_right_one_waits():
    request = open_request()
    fail(request, 5)

    with pytest.raises(NotAllowed) as refused:
        sign(request, "rui")

    assert refused.value.code == "too_many_wrong_passwords"
    assert refused.value.sentence.startswith(
        "5 wrong passwords or codes in 15 minutes: try again at "
    )
    assert not Vote.objects.exists()


def test_trying_while_locked_out_does_not_lengthen_it(monkeypatch):
    request = open_request()
    fail(request, 5)
    later(monkeypatch, minutes=14)
    fail(request, 3)

    later(monkeypatch, minutes=15, seconds=1)

    assert sign(request, "rui").user_name == "Rui"


def test_one_person_does_not_lock_out_another():
    request = open_request(story(RV=[person("rui"), person("ray")]))
    fail(request, 5)

    assert sign(request, "ray").user_name == "Ray"


def test_the_count_goes_over_all_requests():
    case = story()
    fail(open_request(case), 5)

    with pytest.raises(NotAllowed) as refused:
        sign(open_request(case, pointer="Production", pointer_kind="stage"), "rui")

    assert refused.value.code == "too_many_wrong_passwords"


def test_the_count_goes_over_everything_that_is_signed():
    request = open_request()
    for _ in range(5):
        with pytest.raises(NotAllowed):
            authentication.reauthenticate(
                person("rui"), Proof("wrong"), Signed(request), event=Event.EXCEPTION_SIGNED
            )

    with pytest.raises(NotAllowed) as refused:
        sign(request, "rui")

    assert refused.value.code == "too_many_wrong_passwords"


def test_an_account_without_a_password_is_told_so():
    request = open_request()
    rui = person("rui")
    rui.set_unusable_password()
    rui.save(update_fields=["password"])

    with pytest.raises(NotAllowed) as refused:
        authentication.reauthenticate(
            rui, Proof("anything"), Signed(request), event=Event.VOTED
        )

    assert refused.value.code == "no_password"


def test_no_password_is_ever_in_the_trail():
    fail(open_request())

    assert "wrong" not in str(
        [reason for entry in Entry.objects.all() for reason in entry.data.values()]
    ).replace("wrong_password", "").replace("The password is wrong.", "")
