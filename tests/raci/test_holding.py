"""Deputies, absences, handing over and accepting: who carries a duty when somebody is away."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raci import acceptance, holding, queries, services, signals
from raci.errors import Conflict, Invalid, NotAllowed
from raci.models import Absence, Acknowledgement, Deputy, Holder
from raci.stand_ins import circle
from tests.raci.factories import activity, matrix, person, role

pytestmark = pytest.mark.django_db

SCOPE = "use-case:credit"
DAY = timedelta(days=1)


@pytest.fixture
def bea():
    return person("bea")


@pytest.fixture
def credit(bea):
    return matrix(BO=bea, MO=person("mo"))


def accountable(key="approve_release", scope=SCOPE):
    return [user.username for user in queries.holders(scope, key, "A")]


def away(user, **period):
    return holding.enter_absence(user, actor=user, **period)


def stands_in(deputy, user, **more):
    return holding.name_deputy(user, deputy, actor=user, **more)


def deactivate(user):
    user.is_active = False
    user.save(update_fields=["is_active"])


def test_a_deputy_carries_nothing_while_the_person_is_there(credit, bea):
    stands_in(person("cy"), bea)

    assert accountable() == ["bea"]
    assert queries.duties(person("cy")) == []


def test_while_somebody_is_away_the_deputy_carries_the_duty_and_says_so(credit, bea):
    cy = person("cy")
    stands_in(cy, bea)
    away(bea)

    assert accountable() == ["cy"]
    assert queries.duties(bea) == []
    duty = queries.duty_of(cy, SCOPE, "approve_release")
    assert duty.sentence == "Accountable for Approve or reject the release, as deputy of Bea"
    [carrier] = [
        one for one in queries.carriers(SCOPE, ["approve_release"]) if one.carries("A")
    ]
    assert (carrier.user, carrier.deputy_of) == (cy, "Bea")
    assert {u.username for u in queries.participants(SCOPE)} == {"bea", "cy", "mo"}


def test_without_a_deputy_the_absent_keep_their_duties(credit, bea):
    away(bea)

    assert accountable() == ["bea"]


def test_the_deputy_of_a_leaver_carries_on(credit, bea):
    stands_in(person("cy"), bea)
    deactivate(bea)

    assert accountable() == ["cy"]
    assert [one.role.code for one in Holder.objects.left_behind()] == ["BO"]


def test_a_leaver_without_a_deputy_leaves_a_gap(credit, bea):
    deactivate(bea)

    assert accountable() == []
    assert "BO" in {one.code for one in queries.unfilled_roles(credit)}


def test_a_deputy_in_one_matrix_is_none_in_another(credit, bea):
    matrix("use-case:flights", "Flights", BO=bea)
    stands_in(person("cy"), bea, matrix=credit)
    away(bea)

    assert accountable() == ["cy"]
    assert accountable(scope="use-case:flights") == ["bea"]


def test_the_deputy_of_an_absent_deputy_is_asked(credit, bea):
    cy, dan = person("cy"), person("dan")
    stands_in(cy, bea)
    stands_in(dan, cy)
    away(bea)
    away(cy)

    assert accountable() == ["dan"]
    assert queries.duty_of(dan, SCOPE, "approve_release").deputy_of == "Bea"


@pytest.mark.parametrize(
    ("since", "until", "carries"),
    [
        (None, None, "cy"),
        (None, DAY, "cy"),
        (DAY, None, "bea"),
        (DAY, 2 * DAY, "bea"),
        (-DAY, DAY, "cy"),
    ],
)
def test_a_deputy_has_a_time(credit, bea, since, until, carries):
    now = timezone.now()
    stands_in(
        person("cy"),
        bea,
        since=since and now + since,
        until=until and now + until,
    )
    away(bea)

    assert accountable() == [carries]


@pytest.mark.parametrize(
    ("since", "until", "carries"),
    [(-2 * DAY, -DAY, "bea"), (-DAY, None, "cy"), (-DAY, DAY, "cy"), (DAY, None, "bea")],
)
def test_an_absence_has_a_time(credit, bea, since, until, carries):
    stands_in(person("cy"), bea)
    now = timezone.now()
    Absence.objects.create(person=bea, since=now + since, until=until and now + until)

    assert accountable() == [carries]


def test_who_is_back_carries_again(credit, bea):
    stands_in(person("cy"), bea)
    absence = away(bea)
    holding.end_absence(absence, actor=bea)

    assert accountable() == ["bea"]
    with pytest.raises(Conflict):
        holding.end_absence(absence, actor=bea)


def test_a_deputation_that_has_not_begun_is_taken_away(credit, bea):
    planned = stands_in(person("cy"), bea, since=timezone.now() + DAY)
    holding.end_deputy(planned, actor=bea)

    assert not Deputy.objects.exists()


def test_a_role_may_begin_later(credit, bea):
    services.assign(credit, "RV", person("rui"), actor=bea, since=timezone.now() + DAY)

    assert accountable("independent_validation") == []
    with pytest.raises(Invalid) as refused:
        services.assign(
            credit,
            "RV",
            person("cy"),
            actor=bea,
            since=timezone.now() + 2 * DAY,
            until=timezone.now() + DAY,
        )
    assert refused.value.field == "until"


def test_deputies_do_not_go_round_in_a_circle(credit, bea):
    mo, cy = person("mo"), person("cy")
    stands_in(mo, bea)
    stands_in(cy, mo)

    with pytest.raises(Conflict) as refused:
        stands_in(bea, cy)

    assert refused.value.sentence == (
        "Deputies would go round in a circle: Bea stands in for Cy; Mo stands in for Bea; "
        "Cy stands in for Mo."
    )


def test_nobody_stands_in_for_themself_and_no_closed_account_does(credit, bea):
    gone = person("gone", is_active=False)

    for deputy in (bea, gone):
        with pytest.raises(Invalid) as refused:
            stands_in(deputy, bea)
        assert refused.value.field == "deputy"


def test_strangers_name_no_deputy_and_enter_no_absence(credit, bea):
    cy = person("cy")

    with pytest.raises(NotAllowed):
        holding.name_deputy(bea, cy, actor=cy)
    with pytest.raises(NotAllowed):
        holding.enter_absence(bea, actor=cy)
    stands_in(cy, bea)
    with pytest.raises(NotAllowed):
        holding.end_deputy(Deputy.objects.get(), actor=person("mo"))


def test_who_may_change_the_matrix_names_deputies_in_it_only(credit, bea):
    mo, cy = person("mo"), person("cy")

    holding.name_deputy(mo, cy, actor=bea, matrix=credit)
    with pytest.raises(NotAllowed):
        holding.name_deputy(mo, cy, actor=bea)


def test_two_absences_do_not_overlap(credit, bea):
    now = timezone.now()
    away(bea, since=now + DAY, until=now + 3 * DAY)

    away(bea, until=now + DAY)
    with pytest.raises(Conflict):
        away(bea, since=now + 2 * DAY)


pairs = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12)


@given(pairs)
def test_naming_one_after_the_other_never_closes_a_circle(wanted):
    """Against reaching by the closure of all pairs."""
    kept: list[tuple[int, int]] = []
    for one, other in wanted:
        if one == other:
            continue
        reached, grown = {other}, True
        while grown:
            more = {b for a, b in kept if a in reached} - reached
            reached, grown = reached | more, bool(more)
        back = circle(kept, one, other)
        assert bool(back) == (one in reached)
        if back:
            assert back[0] == back[-1] == one
            assert back[1] == other
            assert all(step in kept for step in pairwise(back[1:]))
        else:
            kept.append((one, other))


PEOPLE = range(5)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=6),
    st.sets(st.sampled_from(PEOPLE)),
    st.sets(st.sampled_from(PEOPLE)),
)
def test_routing_is_what_following_by_hand_finds(wanted, absent, gone):
    with transaction.atomic():
        people = [person(f"p{number}") for number in PEOPLE]
        matrix("use-case:routed", "Routed", BO=people[0])
        after = {number: [] for number in PEOPLE}
        for one, other in wanted:
            if one < other and other not in after[one]:
                Deputy.objects.create(person=people[one], deputy=people[other])
                after[one].append(other)
        for number in absent:
            Absence.objects.create(
                person=people[number], since=timezone.now() - timedelta(minutes=1)
            )
        for number in gone:
            deactivate(people[number])

        def there(number):
            return number not in absent and number not in gone

        def following(number):
            return {
                who
                for deputy in after[number]
                for who in ({deputy} if there(deputy) else following(deputy))
            }

        expected = {0} if there(0) else following(0) or ({0} - gone)
        found = queries.holders("use-case:routed", "approve_release", "A")
        assert {user.username for user in found} == {f"p{number}" for number in expected}
        transaction.set_rollback(True)


def test_all_roles_go_to_somebody_else_in_one_act(credit, bea):
    cy = person("cy")
    services.assign(credit, "DS", bea, actor=bea)
    told = []

    def listen(event, subject, data, **_):
        told.append((event, subject, data))

    signals.changed.connect(listen)
    moved = holding.hand_over(bea, cy, actor=bea, reason="She leaves.")
    signals.changed.disconnect(listen)

    assert [(one.matrix, sorted(one.roles)) for one in moved] == [(credit, ["BO", "DS"])]
    assert accountable() == ["cy"]
    assert queries.duties(bea) == []
    [(event, subject, data)] = told
    assert (event, subject) == (signals.HANDED_OVER, credit)
    assert (data["person"], data["to"], data["reason"]) == ("Bea", "Cy", "She leaves.")


def test_only_what_one_may_change_is_handed_over(credit, bea):
    matrix("use-case:flights", "Flights", BO=bea)
    mo = person("mo")
    assign_perm("raci.change_matrix", mo, credit)

    moved = holding.hand_over(bea, mo, actor=mo, reason="Holiday")

    assert [one.matrix for one in moved] == [credit]
    assert accountable(scope="use-case:flights") == ["bea"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"reason": " "}, Invalid),
        ({"reason": "x" * 501}, Invalid),
        ({"to": "bea"}, Invalid),
        ({"actor": "cy"}, NotAllowed),
        ({"scope": "use-case:other"}, Conflict),
    ],
)
def test_what_cannot_be_handed_over_stays(credit, bea, change, error):
    given = {"to": "cy", "actor": "bea", "reason": "She leaves.", **change}
    to, actor = person(given.pop("to")), person(given.pop("actor"))

    with pytest.raises(error):
        holding.hand_over(bea, to, actor=actor, **given)

    assert accountable() == ["bea"]


def test_a_role_the_other_holds_already_is_held_once(credit, bea):
    mo = person("mo")
    services.assign(credit, "MO", bea, actor=bea)

    holding.hand_over(bea, mo, actor=bea, reason="She leaves.")

    assert {one.role.code for one in Holder.objects.filter(user=mo)} == {"BO", "MO"}


def test_duties_are_accepted_as_they_are_and_again_after_a_change(credit, bea):
    mo = person("mo")
    before = acceptance.of_person(mo, credit)
    assert not before.is_accepted
    assert not before.is_outdated
    holding.accept(mo, credit, before.digest)
    assert acceptance.of_person(mo, credit).is_accepted

    services.set_cell(activity(credit, "release"), role(credit, "MO"), "I", actor=bea)

    after = acceptance.of_person(mo, credit)
    assert after.is_outdated
    assert [one.matrix for one in acceptance.to_accept(mo)] == [credit]
    with pytest.raises(Conflict):
        holding.accept(mo, credit, before.digest)
    holding.accept(mo, credit, after.digest)
    assert acceptance.to_accept(mo) == []
    with pytest.raises(Conflict):
        holding.accept(mo, credit, after.digest)


def test_a_change_for_others_asks_nobody_again(credit, bea):
    mo = person("mo")
    holding.accept(mo, credit, acceptance.of_person(mo, credit).digest)

    services.set_cell(activity(credit, "release"), role(credit, "SEC"), "", actor=bea)

    assert acceptance.of_person(mo, credit).is_accepted


def test_who_holds_nothing_has_nothing_to_accept(credit):
    with pytest.raises(Conflict):
        holding.accept(person("cy"), credit, "0" * 64)


def test_what_was_accepted_is_kept(credit):
    mo = person("mo")
    made = holding.accept(mo, credit, acceptance.of_person(mo, credit).digest)

    for act in (made.delete, lambda: Acknowledgement.objects.update(digest="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_acceptances_of_everybody_take_one_query(credit, django_assert_num_queries):
    for number in range(3):
        matrix(f"use-case:{number}", f"Case {number}", BO=person("mo"), RV=person("bea"))

    with django_assert_num_queries(1):
        assert len(acceptance.acceptances()) == 8


def test_routed_questions_take_one_query_each(credit, bea, django_assert_num_queries):
    cy = person("cy")
    stands_in(person("cy"), bea)
    away(bea)

    with django_assert_num_queries(3):
        accountable()
        queries.duties(cy)
        queries.carriers(SCOPE, ["approve_release"])


def test_the_advice_names_leavers_and_who_is_alone(credit, bea):
    stands_in(person("cy"), bea)
    deactivate(person("mo"))

    found = {(one.code, one.severity, one.role) for one in queries.advice(credit)}

    assert ("R5", "error", "MO") in found
    assert ("R5", "warning", "BO") not in found
    assert queries.held(credit)["BO"].deputies == ["Cy"]
    assert queries.held(credit)["MO"].inactive == ["Mo"]
