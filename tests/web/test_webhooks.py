import pytest

from governance.webhooks.models import Delivery, Webhook
from tests.accounts.factories import person
from tests.outbound.receivers import Reply, receiver
from tests.registry import factories
from tests.webhooks.factories import SECRET, later, webhook, work

pytestmark = pytest.mark.django_db
FORM = {
    "name": "ci",
    "url": "https://hooks.example.com/in",
    "events": ["model_version.created", "prompt.created"],
    "secret": SECRET,
}


@pytest.fixture
def ada(client):
    client.force_login(person("ada"))
    return person("ada")


@pytest.fixture(autouse=True)
def signed_in(ada, client, settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN
    client.force_login(ada)


def shown(client, address) -> str:
    return client.get(address).content.decode()


def test_a_webhook_is_made_in_the_browser_and_its_secret_never_shown(client):
    answer = client.post("/webhooks/new/", FORM, follow=True)

    hook = Webhook.objects.get()
    assert (hook.secret, hook.events) == (SECRET, FORM["events"])
    page = answer.content.decode()
    assert "yes, with the secret" in page and SECRET not in page
    assert SECRET not in shown(client, f"/webhooks/{hook.pk}/edit/")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "https://10.0.0.1/"}, "not on the public internet"),
        ({"url": "http://x.example/"}, "must begin with https://"),
        ({"name": "a b"}, "1 to 63 letters"),
        ({"events": []}, "This field is required"),
        ({"events": ["budget_policy.exceeded"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_used_stands_at_its_field(client, change, said):
    answer = client.post("/webhooks/new/", FORM | change)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Webhook.objects.exists()


def test_changing_keeps_the_secret_unless_told_otherwise(client, ada):
    hook = webhook(owner=ada)
    address = f"/webhooks/{hook.pk}/edit/"
    client.post(address, FORM | {"secret": "", "name": "cd"})
    hook.refresh_from_db()
    assert (hook.name, hook.secret) == ("cd", SECRET)
    client.post(address, FORM | {"secret": "another"})
    hook.refresh_from_db()
    assert hook.secret == "another"
    client.post(address, FORM | {"secret": "", "unsigned": "on"})
    hook.refresh_from_db()
    assert not hook.is_signed


def test_the_log_shows_what_came_back_and_sends_again(client, ada, settings):
    with receiver() as there:
        settings.WEBHOOKS_ALLOWED_HOSTS = [there.authority]
        hook = webhook(there.url, owner=ada)
        there.replies = [Reply(404, b"<b>nobody here</b>"), Reply()]
        factories.model(owner=ada)
        address = f"/webhooks/{hook.pk}/"
        assert 'hx-trigger="every 2s"' in shown(client, address)
        work()
        page = shown(client, address)
        assert "Failed" in page and "answered with status 404" in page
        assert "&lt;b&gt;nobody here&lt;/b&gt;" in page
        assert "every 2s" not in page

        failed = Delivery.objects.get()
        client.post(f"{address}deliveries/{failed.pk}/again/")
        work()
    page = shown(client, address)
    assert "Delivered" in page and "sent again" in page and "thank you" in page


def test_a_receiver_in_trouble_shows_as_failing_with_its_next_try(client, ada, settings):
    with receiver() as there:
        settings.WEBHOOKS_ALLOWED_HOSTS = [there.authority]
        hook = webhook(there.url, owner=ada)
        there.replies = [Reply(500)]
        factories.model(owner=ada)
        for wait in (0, 10, 30):
            later(wait)
            work()

    assert "Failing" in shown(client, "/webhooks/")
    page = shown(client, f"/webhooks/{hook.pk}/")
    assert "Failing since" in page and "next try" in page


def test_a_webhook_is_tested_switched_and_deleted_by_buttons(client, ada):
    hook = webhook(owner=ada)
    address = f"/webhooks/{hook.pk}/"
    client.post(f"{address}test/")
    assert Delivery.objects.get().is_test
    assert (
        "Disabled"
        in client.post(
            f"{address}switch/", {"status": "DISABLED"}, follow=True
        ).content.decode()
    )
    assert (
        "Active"
        in client.post(f"{address}switch/", {"status": "ACTIVE"}, follow=True).content.decode()
    )
    assert client.post(f"{address}delete/").url == "/webhooks/"
    assert client.get(address).status_code == 404
    assert "No webhook yet" in shown(client, "/webhooks/")


def test_a_delivery_of_another_webhook_is_not_found(client, ada):
    mine, other = webhook(owner=ada), webhook(owner=person("cy"))
    delivery = Delivery.objects.create(
        webhook=other, event="prompt.created", body="{}", state="failed"
    )
    answer = client.post(f"/webhooks/{mine.pk}/deliveries/{delivery.pk}/again/")

    assert answer.status_code == 404


GOVERNANCE = {**FORM, "name": "tickets", "events": ["request.opened", "clearance.lapsed"]}


def test_a_webhook_of_governance_shows_its_secret_once(client):
    answer = client.post("/webhooks/new/governance/", GOVERNANCE)

    hook = Webhook.objects.get()
    assert (hook.format, hook.events) == ("standard", GOVERNANCE["events"])
    assert hook.secret in answer.content.decode() and hook.secret != SECRET
    assert "no-store" in answer["Cache-Control"]
    for address in ("/webhooks/", hook.get_absolute_url(), f"{hook.get_absolute_url()}edit/"):
        assert hook.secret not in shown(client, address)


def test_a_new_secret_is_shown_once_and_the_page_says_how_long_the_former_one_signs(client):
    client.post("/webhooks/new/governance/", GOVERNANCE)
    former = Webhook.objects.get()
    answer = client.post(f"{former.get_absolute_url()}secret/").content.decode()

    hook = Webhook.objects.get()
    assert hook.secret in answer and former.secret not in answer
    assert "the one before signs as well until" in shown(client, hook.get_absolute_url())


def test_a_webhook_of_governance_is_changed_among_its_own_events(client):
    client.post("/webhooks/new/governance/", GOVERNANCE)
    hook = Webhook.objects.get()
    address = f"{hook.get_absolute_url()}edit/"

    wrong = client.post(address, {**GOVERNANCE, "events": ["prompt.created"]})
    right = client.post(address, {**GOVERNANCE, "events": ["request.signed"]})

    assert (wrong.status_code, right.status_code) == (422, 302)
    changed = Webhook.objects.get()
    assert (changed.events, changed.secret) == (["request.signed"], hook.secret)
