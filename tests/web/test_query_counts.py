"""Pages ask the database as often for twice as many rows; the adders are those of the API's lists."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import User
from governance.approvals import talk
from governance.approvals.models import Request
from governance.connections.models import Connection, Divergence
from governance.notifications.models import MailState, Message, Notification
from governance.notifications.services import tell
from governance.policies import services as policies
from governance.usecases.queries import matrix_of
from governance.webhooks.models import Delivery, Webhook
from raci import services as raci
from raci import teams
from raci.edits import Edit
from registry import services as registry
from registry.models import IS_PROMPT, PROMPT_TEXT
from tests.accounts.factories import person
from tests.api import test_query_counts as api
from tests.notifications.chats import chat_channel
from tests.policies.factories import policy_text, put_in_force
from tests.registry import factories
from tests.webhooks.factories import webhook

pytestmark = pytest.mark.django_db


def add_webhook(made, number):
    webhook(owner=person("ada"), name=f"hook{number}")


def add_message(made, number):
    """A channel with a message that did not arrive."""
    ada = person("ada")
    tell([ada], "policy_told", subject=ada, title="t", line="l", url="/policies/")
    Message.objects.create(
        channel=chat_channel(ada, name=f"channel {number}"),
        notification=Notification.objects.filter(user=ada).first(),
        state="failed",
    )


def add_comment(made, number):
    request = Request.objects.get(pk=made["approval"])
    question = talk.comment(request, actor=person("rui"), text=f"Why {number}?")
    talk.comment(request, actor=person("ada"), text="So.", reply_to=question)


def add_delivery(made, number):
    hook = Webhook.objects.first() or webhook(owner=person("ada"))
    Delivery.objects.create(webhook=hook, event="prompt.created", body="{}", state="failed")
    made["webhook"] = hook.pk


def add_connection(made, number):
    one = Connection.objects.create(
        name=f"lab{number}", url="https://x.example.com", created_by=person("root")
    )
    model = factories.model(f"there{number}", owner=person("ada"))
    Divergence.objects.create(connection=one, model=model, kind="model_gone", sentence="Gone.")


def add_prompt(made, number):
    prompt = factories.model(f"prompt{number}", owner=person("ada"), tags={IS_PROMPT: "true"})
    version = factories.version(prompt, owner=person("ada"), tags={PROMPT_TEXT: "Say it."})
    registry.set_alias(prompt, "candidate", version, actor=person("ada"))


def add_policy_version(made, number):
    text = policy_text(f"auc floor: auc at least 0.{number + 1}", name="credit")
    put_in_force(policies.draft("credit", text, actor=person("pol")))


def add_matrix_version(made, number):
    matrix = matrix_of(made["case"])
    edit = Edit("release", "DS", "C" if number % 2 else "I")
    raci.revise(matrix, [edit], expected=None, actor=person("root", "administrator"))


def add_team(made, number):
    """In a role of the matrix of credit, and with a member."""
    root = person("root", "administrator")
    team = teams.create(f"Team {number}", actor=root)
    made["team"] = team.pk
    teams.add_member(team, person("ada"), actor=root)
    teams.assign_team(matrix_of(made["case"]), "SEC", team, actor=root)


def add_failed_mail(made, number):
    ada = person("ada")
    tell([ada], "policy_told", subject=ada, title="t", line="l", url="/policies/")
    Notification.objects.filter(user=ada).update(mail_state=MailState.FAILED)


PAGES = [
    ("rui", "/", api.add_request, 15),
    ("bo", "/?show=team", api.add_request, 15),
    ("rui", "/?show=overdue", api.add_request, 15),
    ("vi", "/portfolio/", api.add_blessing, 15),
    ("vi", "/portfolio/", api.add_request, 15),
    ("vi", "/approvals/", api.add_request, 15),
    ("vi", "/approvals/?waits_at=validation&signed_by=rui", api.add_request, 15),
    ("vi", "/use-cases/", api.add_use_case, 15),
    ("vi", "/models/", api.add_model, 15),
    ("vi", "/models/?tab=prompts", add_prompt, 15),
    ("ada", "/models/credit-scoring/history/", api.add_alias, 15),
    ("ada", "/models/credit-scoring/trail/", api.add_version, 15),
    ("ada", "/models/credit-scoring/versions/1/trail/", api.add_evaluation, 15),
    ("ada", "/models/credit-scoring/versions/1/lineage/", api.add_version, 15),
    ("ada", "/models/credit-scoring/versions/1/infra/", api.add_infra_check, 15),
    ("ada", "/infra-checks/{infra}/", api.add_infra_check, 15),
    ("vi", "/datasets/", api.add_data_set, 15),
    ("mo", "/datasets/{data_set}/", api.add_data_set, 15),
    ("vi", "/exceptions/", api.add_exception, 15),
    ("rui", "/exceptions/{exception}/", api.add_exception, 16),
    ("vi", "/portfolio/", api.add_exception, 15),
    ("vi", "/raci/", api.add_use_case, 15),
    ("vi", "/people/bo/", api.add_use_case, 18),
    ("vi", "/people/rui/", api.add_request, 18),
    ("root", "/people/rui/factors/", api.add_request, 15),
    ("vi", "/responsibility/", api.add_use_case, 20),
    ("vi", "/responsibility/", api.add_version, 20),
    ("vi", "/responsibility/", api.add_evaluation, 20),
    ("rui", "/responsibility/", api.add_request, 20),
    ("bo", "/raci/credit/", add_matrix_version, 15),
    ("bo", "/raci/credit/", add_team, 15),
    ("vi", "/teams/", api.add_team, 15),
    ("root", "/teams/{team}/", add_team, 15),
    ("bo", "/raci/credit/edit/", add_matrix_version, 15),
    ("bo", "/raci/credit/versions/", add_matrix_version, 15),
    ("bo", "/raci/credit/versions/2/", add_matrix_version, 15),
    ("vi", "/policies/", api.add_policy, 15),
    ("vi", "/backtests/", api.add_back_test, 15),
    ("ada", "/backtests/{back_test}/", api.add_back_test_line, 15),
    ("vi", "/backtests/new/", api.add_policy, 15),
    ("ada", "/what-if/", api.add_blessing, 15),
    ("ada", "/models/credit-scoring/versions/1/what-if/", api.add_policy, 15),
    ("vi", "/policies/credit/", api.add_use_case, 15),
    ("pol", "/policies/credit/", add_policy_version, 15),
    ("pol", "/policies/review/1/", api.add_policy, 15),
    ("pol", "/policies/draft/draft/", api.add_policy, 15),
    ("vi", "/jobs/", api.add_evaluation, 15),
    ("vi", "/audit/", api.add_entry, 15),
    ("root", "/connections/", add_connection, 15),
    ("root", "/mail/", add_failed_mail, 15),
    ("ada", "/me/", add_failed_mail, 15),
    ("ada", "/webhooks/", add_webhook, 15),
    ("ada", "/channels/", add_message, 15),
    ("ada", "/webhooks/{webhook}/", add_delivery, 15),
    ("bo", "/use-cases/credit/", api.add_kpi, 24),
    ("bo", "/use-cases/credit/tier/", api.add_use_case, 15),
    ("bo", "/use-cases/credit/base-models/ask/", api.add_version, 15),
    ("ada", "/models/credit-scoring/versions/1/revalidation/", api.add_evaluation, 19),
    ("ada", "/models/credit-scoring/versions/1/retirement/", api.add_version, 15),
    ("ada", "/models/credit-scoring/", api.add_version, 15),
    ("ada", "/models/credit-scoring/versions/1/", api.add_evaluation, 25),
    ("rui", "/approvals/{approval}/", api.add_request, 25),
    ("rui", "/approvals/{approval}/", add_comment, 25),
    ("ada", "/models/credit-scoring/compare/", api.add_comparison, 15),
]


@pytest.mark.parametrize(
    ("name", "page", "add", "most"),
    PAGES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_asks_as_often_for_twice_as_many_rows(name, page, add, most, client, made):
    def asked_after(numbers):
        for number in numbers:
            add(made, number)
        # The adders give people new passwords, which ends their sessions.
        client.force_login(User.objects.get(username=name))
        address = page.format(**made)
        client.get(address)  # fills the cache of content types
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = asked_after(range(2))

    assert asked_after(range(2, 6)) == few
    assert few <= most
