"""Lists cost the same number of queries for any number of rows; every list has an entry here."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from governance.api.v1.urls import urlpatterns
from governance.audit import services as audit
from governance.backtests.models import BackTestLine
from governance.blessing.models import Blessing, RuleResult
from governance.evaluation import services as evaluations
from governance.notifications.models import Channel, Message, Notification
from governance.notifications.services import tell
from governance.policies import services as policies
from governance.release import services as releases
from governance.release.models import Clearance
from governance.usecases import queries as usecase_queries
from governance.usecases import services as usecases
from governance.webhooks.models import Delivery
from raci import services as raci
from raci import teams
from raci.edits import Edit
from registry import services as registry
from tests.accounts.factories import person
from tests.api import world
from tests.api.clients import V1, bearing
from tests.evaluation.factories import COLUMNS
from tests.exceptions import factories as exceptions
from tests.notifications.chats import chat_channel
from tests.policies.factories import policy_text
from tests.release import factories as release
from tests.webhooks.standard_factories import governed

pytestmark = pytest.mark.django_db


def add_use_case(made, number):
    case = usecases.open_use_case(actor=person("bo"), title=f"Case {number}")
    model = registry.create_model(f"model-{number}", actor=person("ada"))
    usecases.adopt_model(case, model, actor=person("root"))
    usecases.add_requirement(case, actor=person("bo"), title="Logs", owner_team="Ops")


def add_kpi(made, number):
    usecases.define_kpi(
        made["case"],
        actor=person("bo"),
        key=f"kpi-{number}",
        title="K",
        direction="lower",
        target=1.0,
    )


def add_observation(made, number):
    usecases.record_observation(
        made["kpi"],
        actor=person(["bo", "mo"][number % 2]),
        period_start=date(2020, 1, number + 1),
        period_end=date(2020, 1, number + 1),
        value=1.0,
    )


def add_model(made, number):
    model = registry.create_model(f"m{number}", actor=person("ada"), tags={"a": "1"})
    version = registry.create_version(model, actor=person("ada"))
    registry.set_alias(model, "candidate", version, actor=person("ada"))


def add_version(made, number):
    registry.create_version(
        made["version"].model,
        actor=person(["ada", "mo"][number % 2]),
        parent=made["version"],
        tags={"a": str(number)},
    )


def add_alias(made, number):
    registry.set_alias(
        made["version"].model, f"alias-{number}", made["version"], actor=person("olu")
    )


def add_evaluation(made, number):
    evaluations.request_evaluation(
        made["version"],
        actor=person("mo"),
        source=made["source"],
        columns=COLUMNS,
        dataset_name="hold-out",
    )


def add_infra_check(made, number):
    world.infra_check(made["version"], made["onnx"])


def add_data_set(made, number):
    world.data_set(made["case"], Path(made["source"]), version=f"n{number}")


def add_blessing(made, number):
    challenger = release.challenger(made["told"])
    RuleResult.objects.create(
        blessing=challenger.blessing,
        position=0,
        name="auc",
        text="auc",
        severity="must",
        outcome="pass",
        sentence="Passed.",
    )
    assert Blessing.objects.count() > number


def add_back_test(made, number):
    world.back_test()


def add_back_test_line(made, number):
    """As if a challenger had been there when the back-test was made."""
    found = release.challenger(made["told"]).blessing
    BackTestLine.objects.create(
        back_test_id=made["back_test"],
        evaluation=found.evaluation,
        version=found.version,
        blessing=found,
        verdict_then="blessed",
        verdict_now="not_blessed",
        sentence="Not blessed.",
        rules=[],
        differs=True,
        direction="blocked",
        decides=True,
        is_serving=False,
        later_breached=False,
        rank=30,
    )


def add_comparison(made, number):
    """Challengers are measured on the rows of the champion, so they can be compared with it."""
    found = release.challenger(made["told"]).blessing.evaluation
    world.compared(found, made["told"].blessing.evaluation)


def add_request(made, number):
    request = release.requested(release.challenger(made["told"]))
    release.sign(request, "rui")


def add_condition(made, number):
    world.conditions(Clearance.objects.get(pk=made["clearance"]).request)


def add_clearance(made, number):
    request = release.requested(release.challenger(made["told"]))
    with transaction.atomic():
        releases.grant(request, actor=person("bo"))


def add_exception(made, number):
    exceptions.row(made["version"], rule_text=f"rule {number}: auc at least 0.9")


def add_policy(made, number):
    policies.draft(f"p{number}", policy_text(name=f"p{number}"), actor=person("pol"))


def add_entry(made, number):
    audit.record("accounts.signed_in", person("bo"), actor=person("bo"))


def add_matrix_version(made, number):
    matrix = usecase_queries.matrix_of(made["case"])
    letters = "CI"[number % 2]
    raci.revise(matrix, [Edit("release", "BO", letters)], expected=None, actor=person("bo"))


def add_notification(made, number):
    vi = person("vi", "auditor")
    tell([vi], "policy_told", subject=vi, title="t", line="l", url="/policies/")


def add_webhook(made, number):
    governed(owner=person("vi"), name=f"hook{number}")


def add_delivery(made, number):
    Delivery.objects.create(
        webhook_id=made["webhook"], event="request.opened", body="{}", state="failed"
    )


def add_channel(made, number):
    chat_channel(person("vi", "auditor"), name=f"channel {number}")


def add_message(made, number):
    add_notification(made, number)
    add_channel(made, number)
    vi = person("vi")
    Message.objects.create(
        channel=Channel.objects.filter(user=vi).first(),
        notification=Notification.objects.filter(user=vi).first(),
        state="failed",
    )


def add_team(made, number):
    """With two members, in a role of a matrix of its own."""
    root = person("root", "administrator")
    team = teams.create(f"Team {number}", actor=root)
    for name in ("ada", "mo"):
        teams.add_member(team, person(name), actor=root)
    case = usecases.open_use_case(actor=root, title=f"Case of team {number}")
    teams.assign_team(usecase_queries.matrix_of(case), "RV", team, actor=root)


LISTS = {
    "channels/": add_channel,
    "messages/": add_message,
    "webhooks/": add_webhook,
    "webhooks/{webhook}/deliveries/": add_delivery,
    "teams/": add_team,
    "notifications/": add_notification,
    "use-cases/": add_use_case,
    "use-cases/credit/kpis/": add_kpi,
    "use-cases/credit/kpis/bad_rate/observations/": add_observation,
    "use-cases/credit/raci/versions/": add_matrix_version,
    "models/": add_model,
    "models/credit-scoring/moves/": add_alias,
    "models/credit-scoring/trail/": add_alias,
    "versions/": add_version,
    "models/credit-scoring/aliases/": add_alias,
    "models/credit-scoring/versions/": add_version,
    "models/credit-scoring/versions/1/evaluations/": add_evaluation,
    "evaluations/": add_evaluation,
    "infra-checks/": add_infra_check,
    "comparisons/": add_comparison,
    "datasets/": add_data_set,
    "blessings/": add_blessing,
    "exceptions/": add_exception,
    "backtests/": add_back_test,
    "backtests/{back_test}/lines/": add_back_test_line,
    "approvals/": add_request,
    "conditions/": add_condition,
    "clearances/": add_clearance,
    "policies/": add_policy,
    "jobs/": add_evaluation,
    "audit/": add_entry,
}


# What an auditor does not see.
READERS = {"webhooks/{webhook}/deliveries/": "root"}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_as_often_for_twice_as_many_rows(address, made):
    client = bearing(person(READERS.get(address, "vi")))
    path = V1 + address.format(**made)
    client.get(path)  # fills the cache of content types

    def add_rows(numbers):
        for number in numbers:
            LISTS[address](made, number)
        with CaptureQueriesContext(connection) as captured:
            count = client.get(path).json()["count"]
        return count, len(captured)

    few, queries = add_rows(range(2))
    many, queries_of_many = add_rows(range(2, 6))

    assert many >= few + 4
    assert queries_of_many == queries
    assert queries <= 15


def test_every_list_has_an_entry():
    lists = {
        pattern.name for pattern in urlpatterns if pattern.callback.actions.get("get") == "list"
    }

    assert {resolve(V1 + _example(address)).url_name for address in LISTS} == lists


def _example(address):
    return re.sub(r"\{\w+\}", "0b6f1c7e-8a51-4f0e-9d0c-2f5d3a1f0a11", address)
