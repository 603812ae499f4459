"""Questions and answers beside a request: who is told, what a text may name, and what is refused."""

import pytest

from governance.approvals import talk
from governance.approvals.models import Comment
from governance.errors import Invalid
from governance.notifications.models import Notification
from tests.approvals.factories import open_request, person, story

pytestmark = pytest.mark.django_db(transaction=True)


def told():
    found = Notification.objects.filter(kind="request_told")
    return sorted(found.values_list("user__username", flat=True))


def ask(request, username="rui", text="Why only 400 rows?", **more):
    return talk.comment(request, actor=person(username), text=text, **more)


def test_who_asked_for_approval_is_told_of_a_question():
    ask(open_request())

    assert told() == ["ada"]


def test_who_asked_a_question_is_told_of_the_answer():
    request = open_request()
    question = ask(request)

    ask(request, "ada", "There are no more.", reply_to=question)

    assert told() == ["ada", "rui"]


def test_an_answer_to_an_answer_stays_in_the_thread():
    request = open_request()
    question = ask(request, about="auc")
    answer = ask(request, "ada", "No more.", reply_to=question)

    last = ask(request, "rui", "Thank you.", reply_to=answer)

    assert (last.reply_to, last.about) == (question, "auc")


def test_who_is_mentioned_is_told_once():
    ask(open_request(), text="@bo, and once more @bo: is this enough?")

    assert told() == ["ada", "bo"]


@pytest.mark.parametrize("text", ["Ask @sam.", "@sam", "(@sam)", "@sam, what do you say?"])
def test_a_mention_ends_where_the_name_does(text):
    ask(open_request(), text=text)

    assert "sam" in told()


@pytest.mark.parametrize("text", ["ada@sam.example", "@nobody", "@cy knows", "@@sam"])
def test_a_stranger_an_address_and_nobody_are_not_mentioned(text):
    person("cy")
    ask(open_request(), text=text)

    assert told() == ["ada"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"text": " "}, "text"), ({"text": "x" * 5001}, "text"), ({"about": "weather"}, "about")],
)
def test_what_cannot_be_meant_is_refused(changes, field):
    with pytest.raises(Invalid) as refused:
        ask(open_request(), **changes)

    assert refused.value.field == field
    assert not Comment.objects.exists()


def test_an_answer_stays_with_its_request():
    question = ask(open_request())
    other = open_request(story("loans"))

    with pytest.raises(Invalid, match="not one of this request"):
        ask(other, reply_to=question)
