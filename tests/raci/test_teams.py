"""Teams in roles: every member holds them, as long as the team does and they are in it."""

from datetime import timedelta
from itertools import count
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from guardian.shortcuts import assign_perm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raci import acceptance, holding, queries, services, signals, teams
from raci.edits import RemoveRole
from raci.errors import Conflict, Invalid, NotAllowed, NotFound
from raci.models import Carrying, Holder, Matrix, Team, TeamHolder
from tests.raci.factories import matrix, person

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def root():
    return person("root", is_superuser=True)


@pytest.fixture
def credit():
    return matrix(BO=person("bo"))


@pytest.fixture
def told():
    """Everything sent as changed, in order."""
    heard = []

    def listen(event, subject, data, **_):
        heard.append((event, subject, data))

    signals.changed.connect(listen)
    yield heard
    signals.changed.disconnect(listen)


def team(*names, name="Risk"):
    root = person("root", is_superuser=True)
    made = teams.create(name, actor=root)
    for one in names:
        teams.add_member(made, person(one), actor=root)
    return made


def in_role(found, code="RV"):
    """Who holds it, by user name and team; as stored."""
    rows = Holder.objects.filter(role__matrix=found, role__code=code)
    return set(rows.values_list("user__username", "team__name"))


def carrying(found, code="RV"):
    rows = Carrying.objects.filter(role__matrix=found, role__code=code)
    return sorted(rows.values_list("user__username", flat=True))


def test_every_member_of_a_team_holds_its_roles(credit, root, told):
    risk = team("rui", "ray")

    teams.assign_team(credit, "RV", risk, actor=person("bo"))

    assert in_role(credit) == {("rui", "Risk"), ("ray", "Risk")}
    found = queries.holders(credit.scope, "independent_validation", "R")
    assert {one.username for one in found} == {"rui", "ray"}
    event, subject, data = told[-1]
    assert (event, subject) == (signals.TEAM_ASSIGNED, credit)
    assert (data["role"], data["team"], data["people"]) == ("RV", "Risk", ["Rui", "Ray"])


def test_who_joins_and_who_leaves_holds_and_no_longer_holds(credit, root, told):
    risk = team("rui")
    flights = matrix("use-case:flights", "Flights")
    for one in (credit, flights):
        teams.assign_team(one, "RV", risk, actor=root)

    teams.add_member(risk, person("ray"), actor=root)

    assert carrying(credit) == carrying(flights) == ["ray", "rui"]
    joined = [(subject, data) for event, subject, data in told[-2:] if "holder" in event]
    assert [subject for subject, _data in joined] == [credit, flights]
    assert joined[0][1] == {"role": "RV", "user": "Ray", "team": "Risk"}

    teams.remove_member(risk, person("rui"), actor=root)

    assert carrying(credit) == carrying(flights) == ["ray"]
    assert {event for event, *_ in told[-2:]} == {signals.HOLDER_UNASSIGNED}


def test_the_role_goes_with_the_team(credit, root, told):
    held = teams.assign_team(credit, "RV", team("rui", "ray"), actor=root)

    teams.unassign_team(held, actor=person("bo"))

    assert in_role(credit) == set()
    assert told[-1][0] == signals.TEAM_UNASSIGNED
    assert told[-1][2]["people"] == ["Rui", "Ray"]
    with pytest.raises(Conflict, match="no longer"):
        teams.unassign_team(held, actor=person("bo"))


def test_who_holds_it_in_their_own_name_too_is_named_once_and_stays_through_the_team(
    credit, root
):
    rui, bo = person("rui"), person("bo")
    services.assign(credit, "RV", rui, actor=bo)
    for name in ("Risk", "Validation"):
        teams.assign_team(credit, "RV", team("rui", name=name), actor=bo)

    assert in_role(credit) == {("rui", None), ("rui", "Risk"), ("rui", "Validation")}
    assert carrying(credit) == ["rui"]
    assert [one.team for one in Holder.objects.current().filter(user=rui)] == [None]
    assert queries.held(credit)["RV"].people == ["Rui"]
    assert len({one["activity"] for one in acceptance.of_person(rui, credit).letters}) == len(
        acceptance.of_person(rui, credit).letters
    )

    own = Holder.objects.get(user=rui, team=None)
    services.unassign(own, actor=bo)

    assert carrying(credit) == ["rui"]
    [row] = Holder.objects.current().filter(user=rui)
    assert str(row.team) == "Risk"


def test_who_ends_in_their_own_name_stays_through_the_team(credit, root):
    rui = person("rui")
    soon = timezone.now() + DAY
    services.assign(credit, "RV", rui, actor=root, until=soon)
    teams.assign_team(credit, "RV", team("rui"), actor=root)

    Holder.objects.filter(team=None, user=rui).update(until=timezone.now() - DAY)

    assert carrying(credit) == ["rui"]
    [row] = Holder.objects.current().filter(user=rui)
    assert str(row.team) == "Risk"


def test_a_team_holds_from_and_until_a_moment(credit, root):
    risk, now = team("rui"), timezone.now()
    later = teams.assign_team(credit, "RV", risk, actor=root, since=now + DAY)
    assert carrying(credit) == []

    again = teams.assign_team(credit, "RV", risk, actor=root, until=now + DAY)

    assert again.pk == later.pk
    assert carrying(credit) == ["rui"]
    assert Holder.objects.get(user__username="rui").until == now + DAY
    for period in ({"until": now - DAY}, {"since": now + 2 * DAY, "until": now + DAY}):
        with pytest.raises(Invalid):
            teams.assign_team(credit, "RV", risk, actor=root, **period)


def test_nobody_leaves_a_role_of_their_team_alone(credit, root):
    teams.assign_team(credit, "RV", team("rui"), actor=root)

    with pytest.raises(Conflict) as refused:
        services.unassign(Holder.objects.get(user__username="rui"), actor=root)

    assert refused.value.sentence == (
        "Rui holds it as a member of Risk; take Rui out of the team, or the team out of the role."
    )
    assert carrying(credit) == ["rui"]


def test_handing_over_leaves_what_one_holds_as_a_member(credit, root):
    rui, cy = person("rui"), person("cy")
    teams.assign_team(credit, "RV", team("rui"), actor=root)

    with pytest.raises(Conflict) as refused:
        holding.hand_over(rui, cy, actor=root, reason="He leaves.")
    assert refused.value.reasons == (
        "Rui stays Risk and validation in Credit, as a member of Risk.",
    )

    services.assign(credit, "MO", rui, actor=root)
    [moved] = holding.hand_over(rui, cy, actor=root, reason="He leaves.")

    assert moved.roles == ["MO"]
    assert carrying(credit) == ["rui"]
    assert [one.role.code for one in queries.held_as_member(rui)] == ["RV"]
    assert [one.role.code for one in queries.held_as_member(rui, "use-case:x")] == []


def test_who_takes_over_keeps_the_role_in_their_own_name(credit, root):
    rui, ray = person("rui"), person("ray")
    services.assign(credit, "RV", rui, actor=root)
    teams.assign_team(credit, "RV", team("ray"), actor=root)

    holding.hand_over(rui, ray, actor=root, reason="She leaves.")

    assert in_role(credit) == {("ray", None), ("ray", "Risk")}


def test_a_role_that_a_team_holds_stays_in_the_matrix(credit, root):
    teams.assign_team(credit, "RV", team(), actor=root)

    with pytest.raises(Conflict, match="Risk holds RV"):
        services.revise(credit, [RemoveRole("RV")], expected=None, actor=root)


def test_a_team_without_members_fills_no_role(credit, root):
    teams.assign_team(credit, "RV", team(), actor=root)

    assert "RV" in {one.code for one in queries.unfilled_roles(credit)}


def test_only_administrators_say_who_is_in_a_team(credit):
    risk, bo = team("rui"), person("bo")
    heard = []

    def listen(event, reasons, **_):
        heard.append(event)

    signals.refused.connect(listen)
    for act in (
        lambda: teams.create("Other", actor=bo),
        lambda: teams.add_member(risk, bo, actor=bo),
        lambda: teams.remove_member(risk, person("rui"), actor=bo),
        lambda: teams.delete(risk, actor=bo),
    ):
        with pytest.raises(NotAllowed):
            act()
    signals.refused.disconnect(listen)

    assert [str(one) for one in risk.members.all()] == ["Rui"]
    assert heard == [
        signals.TEAM_CREATED,
        signals.MEMBER_ADDED,
        signals.MEMBER_REMOVED,
        signals.TEAM_DELETED,
    ]


def test_who_may_not_change_the_matrix_puts_no_team_into_it(credit, root):
    risk, cy = team("cy"), person("cy")
    with pytest.raises(NotAllowed):
        teams.assign_team(credit, "RV", risk, actor=cy)
    held = teams.assign_team(credit, "RV", risk, actor=root)
    with pytest.raises(NotAllowed):
        teams.unassign_team(held, actor=cy)

    assert carrying(credit) == ["cy"]


@pytest.mark.parametrize("name", ["", " \t", "x" * 101])
def test_a_team_has_a_name_of_some_length(root, name):
    with pytest.raises(Invalid) as refused:
        teams.create(name, actor=root)

    assert refused.value.field == "name"


def test_a_name_is_taken_once_in_capitals_or_not(root):
    team(name="Risk  team")

    with pytest.raises(Conflict, match="a team risk team already"):
        teams.create("risk team", actor=root)
    assert teams.named(" RISK TEAM ").name == "Risk team"
    with pytest.raises(NotFound):
        teams.named("Ops")


def test_what_is_so_already_is_said(credit, root):
    risk = team("rui")
    teams.assign_team(credit, "RV", risk, actor=root)
    gone = person("gone", is_active=False)

    with pytest.raises(Conflict, match="Rui is in Risk already"):
        teams.add_member(risk, person("rui"), actor=root)
    with pytest.raises(Conflict, match="Cy is not in Risk"):
        teams.remove_member(risk, person("cy"), actor=root)
    with pytest.raises(Conflict, match="Risk is Risk and validation already"):
        teams.assign_team(credit, "RV", risk, actor=root)
    with pytest.raises(NotFound):
        teams.assign_team(credit, "XX", risk, actor=root)
    with pytest.raises(Invalid, match="not active"):
        teams.add_member(risk, gone, actor=root)


def test_a_team_is_deleted_when_it_holds_nothing_any_more(credit, root, told):
    risk = team("rui")
    held = teams.assign_team(credit, "RV", risk, actor=root, until=timezone.now() + DAY)
    with pytest.raises(Conflict) as refused:
        teams.delete(risk, actor=root)
    assert refused.value.reasons == ("Risk and validation in Credit",)

    TeamHolder.objects.filter(pk=held.pk).update(until=timezone.now() - DAY)
    teams.delete(risk, actor=root)

    assert not Team.objects.exists()
    assert not Holder.objects.exclude(team=None).exists()
    assert told[-1][0] == signals.TEAM_DELETED
    with pytest.raises(Conflict, match="has been deleted"):
        teams.add_member(risk, person("ray"), actor=root)


def test_one_sees_ones_own_teams_and_those_of_ones_matrices(credit, root):
    risk, ops, own = team(name="Risk"), team(name="Ops"), team("cy", name="Own")
    teams.assign_team(credit, "RV", risk, actor=root)
    teams.assign_team(matrix("use-case:x", "X"), "RV", ops, actor=root)
    assign_perm("raci.view_matrix", person("cy"), credit)

    assert set(Team.objects.visible_to(person("cy"))) == {risk, own}
    assert set(Team.objects.visible_to(root)) == {risk, ops, own}
    assert not Team.objects.visible_to(person("bo")).exists()


NAMES, TEAMS, numbers = ("p0", "p1", "p2"), ("t0", "t1"), count()
ACTS = st.one_of(
    st.tuples(st.sampled_from(["own", "disown"]), st.sampled_from(NAMES)),
    st.tuples(st.just("over"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(
        st.sampled_from(["join", "leave"]), st.sampled_from(TEAMS), st.sampled_from(NAMES)
    ),
    st.tuples(st.sampled_from(["hold", "drop"]), st.sampled_from(TEAMS)),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ACTS, max_size=14))
def test_whatever_is_done_in_whatever_order_the_rows_are_those_of_the_members(root, acts):
    """Against three plain sets: who holds it, who is in which team, which teams hold it."""
    number = next(numbers)
    found = matrix(f"use-case:{number}", f"Case {number}")
    groups = {name: team(name=f"{name} {number}") for name in TEAMS}
    own, inside, holding_teams = set(), {name: set() for name in TEAMS}, set()
    for act, *named in acts:
        if act == "own" and named[0] not in own:
            services.assign(found, "RV", person(named[0]), actor=root)
            own.add(named[0])
        elif act == "disown" and named[0] in own:
            row = Holder.objects.get(role__matrix=found, user__username=named[0], team=None)
            services.unassign(row, actor=root)
            own.discard(named[0])
        elif act == "over" and named[0] in own and named[0] != named[1]:
            holding.hand_over(
                person(named[0]), person(named[1]), actor=root, reason="x", scope=found.scope
            )
            own = own - {named[0]} | {named[1]}
        elif act == "join" and named[1] not in inside[named[0]]:
            teams.add_member(groups[named[0]], person(named[1]), actor=root)
            inside[named[0]].add(named[1])
        elif act == "leave" and named[1] in inside[named[0]]:
            teams.remove_member(groups[named[0]], person(named[1]), actor=root)
            inside[named[0]].discard(named[1])
        elif act == "hold" and named[0] not in holding_teams:
            teams.assign_team(found, "RV", groups[named[0]], actor=root)
            holding_teams.add(named[0])
        elif act == "drop" and named[0] in holding_teams:
            held = TeamHolder.objects.get(role__matrix=found, team=groups[named[0]])
            teams.unassign_team(held, actor=root)
            holding_teams.discard(named[0])

    by_team = {(one, f"{t} {number}") for t in holding_teams for one in inside[t]}
    assert in_role(found) == {(one, None) for one in own} | by_team
    everybody = sorted(own | {one for one, _team in by_team})
    assert carrying(found) == everybody
    current = Holder.objects.current().filter(role__matrix=found)
    assert sorted(one.user.username for one in current) == everybody


@pytest.mark.django_db(transaction=True)
def test_who_joins_while_the_team_is_put_into_a_role_holds_it():
    root, bo = (person(name, is_superuser=True) for name in ("root", "bo"))
    found, failed = matrix(), []

    def run(start, act, *args):
        start.wait(10)
        try:
            act(*args)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    for number in range(5):
        one, rui = team(name=f"Team {number}"), person(f"rui{number}")
        start = Barrier(2)
        threads = [
            Thread(
                target=run, args=(start, lambda *a: teams.add_member(*a, actor=root), one, rui)
            ),
            Thread(
                target=run,
                args=(start, lambda *a: teams.assign_team(*a, actor=bo), found, "RV", one),
            ),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    assert failed == []
    assert in_role(found) == {(f"rui{number}", f"Team {number}") for number in range(5)}
    assert Matrix.objects.count() == 1
