"""Webhooks over REST, and the document of what they tell: nothing is sent that it does not describe."""

import json
from datetime import timedelta

import pgtrigger
import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook as Receiver

from governance.approvals import escalation, expiry, findings, rework, silence
from governance.approvals import services as approvals
from governance.approvals.findings import Condition
from governance.approvals.models import Consultation
from governance.exceptions import services as exceptions
from governance.policies import services as policies
from governance.proposals import services as proposals
from governance.release import revalidating
from governance.release import services as release
from governance.release.asking import request_revalidation
from governance.release.models import Clearance
from governance.usecases import services as usecases
from governance.usecases.queries import matrix_of
from governance.webhooks import services
from governance.webhooks.models import Delivery, Webhook
from governance.webhooks.standard import payloads
from governance.webhooks.standard.events import Governed
from raci import services as raci
from registry import services as registry
from tests.api.clients import V1, bearing
from tests.blessing.factories import blessed, governed_model, policy, version_of
from tests.exceptions import factories as asking
from tests.outbound.receivers import receiver
from tests.release.factories import challenger, cleared, person, ready, requested, sign
from tests.webhooks.factories import work
from tests.webhooks.standard_factories import governed

pytestmark = pytest.mark.django_db
MADE = {"name": "tickets", "url": "https://hooks.example.com/", "events": ["request.opened"]}


@pytest.fixture
def root():
    return person("root", "administrator")


@pytest.fixture
def document(client):
    return client.get("/api/schema/?format=json").json()


def problems(document, body):
    """What a reader of the document would find wrong with the body of a call."""
    operation = document["webhooks"][body["type"]]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    return [one.message for one in Draft202012Validator(whole).iter_errors(body)]


def a_request_signed_on_a_condition_that_is_missed(monkeypatch):
    told = ready()
    request = requested(told)
    advice = Consultation.objects.filter(request=request).first()
    approvals.advise(advice, actor=advice.user, advice="Look at the young ones.")
    tomorrow = timezone.localdate() + timedelta(days=1)
    one = Condition("Watch the young borrowers.", "ada", tomorrow)
    other = Condition("Write down the missed cases.", "ada", tomorrow)
    sign(request, "rui", conditions=[one, other])
    sign(request, "bo")
    finding = request.findings.first()
    findings.report(finding, actor=person("ada"), report="A dashboard is up.")
    findings.reopen(finding, actor=person("rui"), reason="It shows nothing yet.")
    findings.report(finding, actor=person("ada"), report="It shows them now.")
    findings.close(finding, actor=person("rui"))
    with monkeypatch.context() as later:
        later.setattr(timezone, "localdate", lambda: tomorrow + timedelta(days=1))
        release.lapse_overdue()
    return told


def requests_that_end_otherwise(told):
    revoked = cleared(challenger(told))
    release.revoke(revoked, actor=person("bo"), reason="The data were wrong.")
    returned = requested(challenger(told))
    sign(returned, "rui", decision="changes", reason="Say for whom it is.")
    returned.refresh_from_db()
    rework.hand_in_again(returned, actor=person("ada"), answer="Nothing has to change.")
    sign(returned, "rui", decision="reject", reason="It is not good enough.")
    withdrawn = requested(challenger(told))
    approvals.withdraw(withdrawn, actor=person("ada"), reason="A better one comes.")
    late = requested(challenger(told)).due_at + timedelta(days=90)
    assert silence.note_silence(late) > 0
    assert escalation.escalate_overdue(late) == 1
    assert expiry.expire_overdue(late + timedelta(days=30)) == 1


def what_serves_is_validated_again(told):
    clearance = cleared(challenger(told))
    version = clearance.version
    registry.set_alias(version.model, "champion", version, actor=person("olu"))
    with pgtrigger.ignore("release.Clearance:keep_values"):
        Clearance.objects.filter(pk=clearance.pk).update(ask_from=timezone.now())
    assert revalidating.call_due() == 1
    again = request_revalidation(version, actor=person("ada"), statement="It earns its keep.")
    sign(again, "rui")
    sign(again, "bo")


def a_base_model_that_is_adopted(case):
    asked = proposals.ask_base_model(
        case, "hf:open-lab/small-7b", actor=person("ada"), statement="It answers letters."
    )
    sign(asked, "rui")
    sign(asked, "bo")


def exceptions_of_every_end(version):
    granted = asking.granted(version)
    exceptions.revoke(granted, actor=person("rui"), reason="The risk is too high.")
    asking.sign(asking.asked(version), "rui", decision="refuse", reason="The risk is too high.")
    asked = asking.asked(version)
    exceptions.withdraw(asked, actor=person("mo"), reason="It passes without.")
    exceptions.expire(asking.row(version, until=timezone.localdate() - timedelta(days=1)))


def a_verdict_by_a_policy_that_is_retired(root):
    kept = policy()
    blessed(version_of(governed_model("churn")))
    policies.retire(kept, actor=root, reason="Nothing is lent any more.")


def a_tier_and_a_matrix_that_change(root):
    case = usecases.open_use_case(actor=root, title="Fraud", tier=2)
    usecases.raise_tier(case, 1, actor=root)
    raci.assign(matrix_of(case), "DE", person("ada"), actor=root)


def test_every_event_that_is_sent_is_as_the_document_says(root, document, monkeypatch):
    governed(owner=root)
    a_verdict_by_a_policy_that_is_retired(root)
    told = a_request_signed_on_a_condition_that_is_missed(monkeypatch)
    requests_that_end_otherwise(told)
    what_serves_is_validated_again(told)
    a_base_model_that_is_adopted(told.use_case)
    a_tier_and_a_matrix_that_change(root)
    exceptions_of_every_end(asking.version_of(asking.governed("insurance", tier=2)))

    bodies = [json.loads(row.body) for row in Delivery.objects.all()]
    assert {body["type"] for body in bodies} == set(Governed.values)
    for body in bodies:
        assert problems(document, body) == [], body


def test_every_event_is_documented_with_its_headers(document):
    assert list(document["webhooks"]) == Governed.values
    for methods in document["webhooks"].values():
        names = [one["name"] for one in methods["post"]["parameters"]]
        assert names == ["webhook-id", "webhook-timestamp", "webhook-signature"]
        assert methods["post"]["summary"]


@pytest.mark.parametrize("event", Governed)
def test_the_example_of_a_test_is_as_the_document_says(event, document):
    example = payloads.document(event, payloads.example(event), timezone.now())

    assert problems(document, json.loads(example)) == []


def test_the_document_would_notice_a_field_it_does_not_know(document):
    body = json.loads(
        payloads.document(
            Governed.REQUEST_OPENED,
            payloads.example(Governed.REQUEST_OPENED),
            timezone.now(),
        )
    )
    body["data"]["evidence"] = {"auc": 0.79}

    assert problems(document, body)


def test_a_secret_is_told_when_it_is_made_and_never_again(root):
    client = bearing(root)
    made = client.post(f"{V1}webhooks/", MADE, format="json")
    assert made.status_code == 201
    first = made.json()["secret"]
    address = f"{V1}webhooks/{made.json()['id']}/"
    changed = client.post(f"{address}secrets/")
    second = changed.json()["secret"]

    assert first.startswith("whsec_") and second.startswith("whsec_") and first != second
    for read in (address, f"{V1}webhooks/", f"{address}deliveries/", f"{V1}audit/"):
        text = client.get(read).content.decode()
        assert first not in text and second not in text


def test_a_test_is_sent_and_its_end_can_be_read(root, settings):
    client = bearing(root)
    with receiver() as there:
        settings.WEBHOOKS_ALLOWED_HOSTS = [there.authority]
        made = client.post(f"{V1}webhooks/", {**MADE, "url": there.url}, format="json").json()
        address = f"{V1}webhooks/{made['id']}/"
        sent = client.post(f"{address}tests/", {"event": "clearance.lapsed"}, format="json")
        assert sent.status_code == 201 and sent.json()["state"] == "waiting"
        work()
        [got] = there.received

    assert Receiver(made["secret"]).verify(got.body, got.headers)["type"] == "clearance.lapsed"
    [delivery] = client.get(f"{address}deliveries/").json()["results"]
    assert (delivery["state"], delivery["response_status"]) == ("delivered", 200)
    again = client.post(f"{address}deliveries/{delivery['id']}/sendings/")
    assert again.json()["again_of"] == delivery["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"events": []}, "events"),
        ({"events": ["request.eaten"]}, "events"),
        ({"events": ["registered_model.created"]}, "events"),
        ({"url": "http://hooks.example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://hooks.example.com/" + "a" * 2000}, "url"),
        ({"name": "a b"}, "name"),
        ({"format": "soap"}, "format"),
        ({"secret": "mine"}, "secret"),
        ({"description": "a\0b"}, "description"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(root, changes, field):
    answer = bearing(root).post(f"{V1}webhooks/", {**MADE, **changes}, format="json")

    assert answer.status_code in (400, 422)
    told = answer.json()
    assert field in {told.get("field"), *told.get("errors", {})}
    assert Webhook.objects.count() == 0


def test_the_registry_s_webhooks_are_made_here_too_and_keep_their_secret(root):
    mlflow = {**MADE, "format": "mlflow", "events": ["prompt.created"], "secret": "geheim"}
    made = bearing(root).post(f"{V1}webhooks/", mlflow, format="json")

    assert made.status_code == 201
    assert "geheim" not in made.content.decode()
    assert Webhook.objects.get().secret == "geheim"


def test_mlflow_s_door_knows_nothing_of_governance_webhooks(root):
    hook = services.create_webhook(actor=root, **MADE, format="standard")
    client = bearing(root)

    listed = client.get("/api/2.0/mlflow/webhooks")
    one = client.get(f"/api/2.0/mlflow/webhooks/{hook.pk}")
    assert listed.json().get("webhooks", []) == []
    assert one.status_code == 404
