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
