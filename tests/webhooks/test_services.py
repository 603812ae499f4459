import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import _validate_webhook_name

from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotFound
from governance.webhooks import queries, services
from governance.webhooks.models import Delivery, Webhook
from tests.accounts.factories import person
from tests.registry.factories import model
from tests.webhooks.factories import SECRET, webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return person("ada")


def test_a_webhook_is_made_with_a_sealed_secret_and_an_entry_in_the_trail(ada):
    hook = webhook(owner=ada, events=["prompt.created", "prompt.created"])

    hook = Webhook.objects.get(pk=hook.pk)
    entry = Entry.objects.get(event="webhooks.created")
    assert (hook.secret, hook.events, hook.status) == (SECRET, ["prompt.created"], "ACTIVE")
    assert SECRET not in hook.sealed_secret
    assert entry.data == {
        "host": "hooks.example.com",  # and no path, which is often as good as a password
        "format": "mlflow",
        "events": ["prompt.created"],
        "signed": True,
    }
    assert entry.actor == ada


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "-a"),
        ("name", "a" * 64),
        ("name", "a b"),
        ("name", "a\n"),
        ("url", "http://hooks.example.com/"),
        ("url", "https://10.0.0.1/"),
        ("events", []),
        ("events", ["model_version.deleted"]),
        ("events", ["nothing"]),
        ("description", "x" * 5001),
        ("description", "a\0b"),
        ("secret", "x" * 1001),
        ("status", "PAUSED"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(ada, field, value):
    with pytest.raises(Exception) as refusal:
        webhook(owner=ada, **{field: value})
    assert refusal.value.field == field

    hook = webhook(owner=ada)
    with pytest.raises(Exception) as refusal:
        services.update_webhook(hook, actor=ada, **{field: value})
    assert refusal.value.field == field
    assert Webhook.objects.count() == 1


def test_a_pair_mlflow_does_not_know_is_refused_in_its_words(ada):
    with pytest.raises(Invalid) as refusal:
        webhook(owner=ada, events=["model_version_tag.created"])

    assert refusal.value.sentence == (
        "Invalid action 'created' for entity 'model_version_tag'. "
        "Valid actions are: ['deleted', 'set']"
    )


@given(st.text(st.characters(codec="ascii"), max_size=70))
def test_names_are_judged_as_mlflow_judges_them(name):
    try:
        _validate_webhook_name(name)
        theirs = not name.endswith("\n")
    except MlflowException:
        theirs = False
    assert bool(services.NAME.fullmatch(name)) == theirs


def test_only_what_is_given_changes(ada):
    hook = webhook(owner=ada, description="before")
    services.update_webhook(hook, actor=ada, name="other", events=["prompt.created"])
    hook.refresh_from_db()
    assert (hook.name, hook.events) == ("other", ["prompt.created"])
    assert (hook.description, hook.secret) == ("before", SECRET)

    services.update_webhook(hook, actor=ada, description="", secret="")
    hook.refresh_from_db()
    assert (hook.description, hook.secret, hook.is_signed) == ("", "", False)
    entry = Entry.objects.filter(event="webhooks.updated").first()
    assert entry.data == {
        "before": {"description": "before"},
        "after": {"description": ""},
        "secret_changed": True,
    }


def test_the_trail_holds_no_path_of_an_address(ada):
    hook = webhook("https://hooks.example.com/T0/geheim", owner=ada)
    services.update_webhook(hook, actor=ada, url="https://other.example.com/geheim")
    services.delete_webhook(hook, actor=ada)

    entries = Entry.objects.filter(event__startswith="webhooks.")
    assert entries.count() == 3
    assert "geheim" not in str([entry.data for entry in entries])
    assert entries.get(event="webhooks.updated").data["after"] == {"url": "other.example.com"}


def test_deleting_ends_what_waits_and_forgets_the_secret(ada):
    hook = webhook(owner=ada)
    model(owner=ada)
    services.delete_webhook(hook, actor=ada)

    delivery = Delivery.objects.get()
    hook.refresh_from_db()
    assert (delivery.state, delivery.error) == ("given_up", "The webhook was deleted.")
    assert hook.sealed_secret == ""
    assert not Webhook.objects.visible_to(ada).exists()
    with pytest.raises(NotFound):
        services.update_webhook(hook, actor=ada, name="x")
    with pytest.raises(NotFound):
        services.delete_webhook(hook, actor=ada)


def test_one_sees_and_changes_ones_own_and_administrators_all(ada):
    hook = webhook(owner=ada)
    cy, vi, root = person("cy"), person("vi", "auditor"), person("root", "administrator")

    for other in (cy, vi):
        assert not Webhook.objects.visible_to(other).exists()
        with pytest.raises(NotFound, match=f"Webhook with ID {hook.pk} not found"):
            queries.webhook_of(str(hook.pk), user=other)
        for act in (services.delete_webhook, services.update_webhook, services.send_test):
            with pytest.raises(NotFound):
                act(hook, actor=other)
    assert queries.webhook_of(str(hook.pk), user=root) == hook
    assert services.update_webhook(hook, actor=root, name="tidied").name == "tidied"


@pytest.mark.parametrize("given", ["", "x", "../1", "123", "\0"])
def test_an_id_that_is_none_is_not_found(ada, given):
    with pytest.raises(NotFound, match="Webhook with ID"):
        queries.webhook_of(given, user=ada)


def test_webhooks_tests_and_sendings_are_bounded(ada, monkeypatch):
    hook = webhook(owner=ada)
    monkeypatch.setattr(services, "MOST_OF_ONE_PERSON", 1)
    with pytest.raises(Conflict, match="at most 1 webhook"):
        webhook(owner=ada)
    for _ in range(services.MOST_TESTS_WAITING):
        delivery = services.send_test(hook, actor=ada)
    with pytest.raises(Conflict, match="wait already"):
        services.send_test(hook, actor=ada)
    with pytest.raises(Conflict, match="still waits"):
        services.send_again(delivery, actor=ada)
