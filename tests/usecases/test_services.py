"""Who may open and change a use case, what is refused, and what the trail keeps."""

import pytest
from django.utils import timezone

from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.usecases import queries, services
from governance.usecases.models import GovernedModel, UseCase
from raci import queries as raci
from raci import services as raci_services
from raci import teams
from raci.models import Holder, Matrix
from registry.models import RegisteredModel
from tests.usecases.factories import person, registered_model, use_case

pytestmark = pytest.mark.django_db


def refusals(event):
    return Entry.objects.filter(event=event, refused=True)


def test_the_opener_becomes_business_owner():
    bo = person("bo")

    case = services.open_use_case(actor=bo, title="Credit scoring")

    assert case.slug == "credit-scoring"
    assert list(raci.holders(case.scope, "approve_release", "A")) == [bo]
    assert list(UseCase.objects.visible_to(bo)) == [case]


def test_another_business_owner_may_be_named():
    bo, ada = person("bo"), person("ada")

    case = services.open_use_case(actor=ada, title="Credit", holders={"BO": [bo]})

    assert list(raci.participants(case.scope)) == [bo]


def test_opening_is_in_the_trail():
    case = use_case()

    entry = Entry.objects.get(event=Event.USE_CASE_OPENED)
    assert (entry.subject_label, entry.data["tier"]) == (case.title, 1)
    assert Entry.objects.filter(event=Event.MATRIX_CREATED).exists()


def test_a_person_outside_the_member_group_may_not_open_a_use_case():
    with pytest.raises(NotAllowed):
        services.open_use_case(actor=person("vi", ["auditor"]), title="Credit")

    assert not UseCase.objects.exists()
    assert refusals(Event.USE_CASE_OPENED).count() == 1


def test_a_slug_is_taken_once():
    use_case("credit")

    with pytest.raises(Conflict) as refused:
        use_case("credit")

    assert refused.value.field == "slug"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "slug"),
        ({"title": "x" * 121}, "title"),
        ({"title": "Credit", "slug": "a b"}, "slug"),
        ({"title": "Credit", "tier": 4}, "tier"),
        ({"title": "Credit", "cost_false_positive": float("nan")}, "cost_false_positive"),
        ({"title": "Credit", "favourable_outcome": "maybe"}, "favourable_outcome"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields, field):
    with pytest.raises(Invalid) as refused:
        services.open_use_case(actor=person("bo"), **fields)

    assert refused.value.field == field
    assert not Matrix.objects.exists()


def test_the_business_owner_revises_with_before_and_after_in_the_trail():
    case = use_case(need="Old need.")

    services.revise(case, actor=person("bo"), need="New need.", title="Credit")

    entry = Entry.objects.get(event=Event.USE_CASE_REVISED)
    assert entry.data["changes"] == {"need": ["Old need.", "New need."]}


def test_a_stranger_revises_nothing():
    case = use_case(need="Old need.")

    with pytest.raises(NotAllowed) as refused:
        services.revise(case, actor=person("cy"), need="New need.")

    case.refresh_from_db()
    assert case.need == "Old need."
    assert "Define the use case and its business KPI" in refused.value.sentence
    assert refusals(Event.USE_CASE_REVISED).get().actor_name == "Cy"


def test_an_administrator_may_revise():
    case = services.revise(use_case(), actor=person("root", ["administrator"]), need="New.")

    assert case.need == "New."


def test_a_person_consulted_only_may_not_revise():
    ada = person("ada")
    case = use_case(DS=ada)

    with pytest.raises(NotAllowed):
        services.revise(case, actor=ada, need="New need.")


def test_the_business_owner_raises_the_tier():
    case = services.raise_tier(use_case(tier=3), 1, actor=person("bo"))

    assert case.tier == 1


def test_a_lower_tier_takes_an_approval():
    rui = person("rui")
    case = use_case(tier=1, RV=rui)

    with pytest.raises(Conflict) as refusal:
        services.raise_tier(case, 2, actor=rui, reason="It is advisory only.")

    assert refusal.value.code == "needs_approval"
    assert refusals(Event.TIER_CHANGED).count() == 1


def test_an_adopted_model_follows_the_matrix():
    bo, ada = person("bo"), person("ada")
    case, model = use_case(DS=ada), registered_model(owner=bo)
    assert not RegisteredModel.objects.visible_to(ada).exists()

    services.adopt_model(case, model, actor=bo)

    assert list(RegisteredModel.objects.visible_to(ada)) == [model]
    assert ada.has_perm("registry.register_version", model)
    assert queries.use_case_of(model) == case


def test_a_model_belongs_to_one_use_case():
    bo = person("bo")
    model = registered_model(owner=bo)
    services.adopt_model(use_case("credit", MO=bo), model, actor=bo)

    with pytest.raises(Conflict):
        services.adopt_model(use_case("flights"), model, actor=bo)

    assert refusals(Event.MODEL_ADOPTED).count() == 1


def test_a_model_of_somebody_else_may_not_be_adopted():
    model = registered_model(owner=person("cy"))

    with pytest.raises(NotAllowed):
        services.adopt_model(use_case(), model, actor=person("bo"))

    assert not GovernedModel.objects.exists()


def test_who_registers_versions_may_bring_an_own_model():
    ada = person("ada")

    services.adopt_model(use_case(DS=ada), registered_model(owner=ada), actor=ada)

    assert GovernedModel.objects.get().adopted_by == ada


def test_a_stranger_brings_no_model():
    cy = person("cy")

    with pytest.raises(NotAllowed):
        services.adopt_model(use_case(), registered_model(owner=cy), actor=cy)


def test_a_person_whose_time_has_run_out_sees_nothing_any_more():
    ada = person("ada")
    use_case(DS=ada)
    Holder.objects.filter(user=ada).update(until=timezone.now())

    assert services.refresh_grants() == 1

    assert not UseCase.objects.visible_to(ada).exists()
    assert UseCase.objects.visible_to(person("bo")).exists()


def test_a_new_holder_sees_the_use_case_and_its_models_at_once():
    bo, ada = person("bo"), person("ada")
    case = use_case()
    services.adopt_model(case, registered_model(owner=bo), actor=bo)

    raci_services.assign(queries.matrix_of(case), "DS", ada, actor=bo)

    assert UseCase.objects.visible_to(ada).exists()
    assert RegisteredModel.objects.visible_to(ada).exists()
    assert Matrix.objects.visible_to(ada).exists()


def test_a_person_who_leaves_sees_nothing_any_more():
    bo, ada = person("bo"), person("ada")
    case = use_case(DS=ada)

    matrix = queries.matrix_of(case)
    raci_services.unassign(matrix.roles.get(code="DS").holders.get(), actor=bo)

    assert not UseCase.objects.visible_to(ada).exists()


def test_members_of_a_team_see_and_do_what_its_roles_bring_as_long_as_they_are_in_it():
    bo, ada, root = person("bo"), person("ada"), person("root", ["administrator"])
    case, builders = use_case(), teams.create("Builders", actor=root)
    matrix = queries.matrix_of(case)
    teams.assign_team(matrix, "DS", builders, actor=bo)
    assert not UseCase.objects.visible_to(ada).exists()

    teams.add_member(builders, ada, actor=root)

    assert UseCase.objects.visible_to(ada).exists()
    entry = Entry.objects.filter(event="raci.holder.assigned").latest("at")
    assert entry.subject_id == str(matrix.pk)
    assert entry.data == {"role": "DS", "user": "Ada", "team": "Builders"}

    teams.remove_member(builders, ada, actor=root)

    assert not UseCase.objects.visible_to(ada).exists()


def test_the_business_owner_may_change_the_matrix_and_others_not():
    bo, ada = person("bo"), person("ada")
    matrix = queries.matrix_of(use_case(DS=ada))

    assert raci_services.may_change(bo, matrix)
    assert not raci_services.may_change(ada, matrix)


def test_a_requirement_is_listed_and_moves_on():
    mo = person("mo")
    case = use_case(MO=mo)

    endpoint = services.add_requirement(case, actor=mo, title="Endpoint", owner_team="Platform")
    services.move_requirement(endpoint, "granted", actor=mo)

    assert case.requirements.get().state == "granted"
    assert Entry.objects.get(event=Event.REQUIREMENT_MOVED).data["changes"] == {
        "state": ["asked", "granted"]
    }


def test_an_unknown_state_of_a_requirement_is_refused():
    bo = person("bo")
    endpoint = services.add_requirement(
        use_case(), actor=bo, title="Endpoint", owner_team="Platform"
    )

    with pytest.raises(Invalid) as refused:
        services.move_requirement(endpoint, "lost", actor=bo)

    assert refused.value.field == "state"


def test_a_requirement_is_listed_once():
    case = use_case()
    wanted = {"actor": person("bo"), "title": "Endpoint", "owner_team": "Platform"}
    services.add_requirement(case, **wanted)

    with pytest.raises(Invalid):
        services.add_requirement(case, **wanted)


def test_a_stranger_lists_no_requirement():
    with pytest.raises(NotAllowed):
        services.add_requirement(
            use_case(), actor=person("cy"), title="Endpoint", owner_team="Platform"
        )
