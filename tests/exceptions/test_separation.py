"""R6 for exceptions: who made the version or asks may not grant, nor may anybody in their place."""

import pytest

from governance.errors import Conflict, NotAllowed
from governance.exceptions import queries, seats
from governance.notifications.models import Notification
from raci import holding
from registry import services as registry
from tests.approvals.test_separation import away
from tests.exceptions.factories import asked, governed, person, sign, version_of

pytestmark = pytest.mark.django_db


def refused(exception, name):
    with pytest.raises(NotAllowed) as refusal:
        sign(exception, name)
    return list(refusal.value.reasons)


def waits_for(name):
    return [one.exception.pk for one in queries.awaiting(person(name))]


def test_who_trained_it_by_a_tag_set_after_the_question_may_not_grant():
    one = asked(version_of(governed(RV=[person("rui"), person("eve")])))
    assert waits_for("eve") == [one.pk]

    registry.set_tag(one.version, "mlflow.user", "eve@example.org", actor=person("ada"))

    assert refused(one, "eve") == [
        "You trained it, as the tag mlflow.user says, so you may not sign it."
    ]
    assert waits_for("eve") == []


def test_who_asks_does_not_grant_through_a_deputy():
    one = asked(version_of(governed(RV=[person("rui"), person("mo")])))
    away("mo", "cy")

    assert refused(one, "cy") == [
        "You would sign for Mo, who asked for it, so you may not sign it."
    ]
    assert waits_for("cy") == []


def test_who_has_it_asked_for_by_a_deputy_does_not_grant():
    model = governed(RV=[person("rui"), person("mo")])
    away("mo", "cy")
    one = asked(version_of(model), actor=person("cy"))
    holding.end_absence(person("mo").raci_absences.get(), actor=person("mo"))

    assert refused(one, "mo") == ["You had it asked for by Cy, so you may not sign it."]


def test_nobody_grants_in_the_place_of_who_registered():
    version = version_of(governed(RV=[person("ada")]))
    away("ada", "cy")

    with pytest.raises(Conflict) as refusal:
        asked(version)

    assert "Cy would sign for Ada, who registered the version" in refusal.value.sentence


def test_a_deputy_signs_for_whom_they_stand_in_and_the_record_says_so():
    one = asked()
    away("rui", "cy")

    signature = sign(one, "cy")

    assert (signature.letter, signature.role) == ("A", "Risk and validation")
    assert signature.stands_for == person("rui")
    assert signature.capacity.endswith(", as deputy of Rui in Credit")


def test_the_same_person_is_not_signed_for_twice():
    one = asked(version_of(governed(BO=[person("bo"), person("rui")])))
    sign(one, "rui")
    away("rui", "cy")

    assert refused(one, "cy") == [
        "You would sign for Rui, for whom a signature stands already, so you may not sign it."
    ]


def test_the_page_names_the_deputy():
    one = asked()
    away("rui", "cy")

    assert next(progress.able for progress in seats.progress(one)) == ("Cy, as deputy of Rui",)


def test_letters_stand_on_what_people_are_told():
    asked(version_of(governed(OPS=[person("olu")], DE=[person("dee")])))

    told = {
        (one.user.username, one.kind): (one.letter, one.capacity)
        for one in Notification.objects.exclude(letter="").select_related("user")
    }

    assert told["rui", "exception_asked"] == (
        "A",
        "Accountable for Grant a time-limited exception to a failed rule, by the role Risk and "
        "validation",
    )
    assert told["bo", "exception_asked"][0] == "A"
    assert ("olu", "exception_asked") not in told
