from pathlib import Path

import pytest
from django.conf import settings

from governance.policies import services
from governance.policies.models import PolicyVersion
from tests.accounts.factories import person
from tests.policies.factories import put_in_force

pytestmark = pytest.mark.django_db
TEXT = (Path(settings.BASE_DIR) / "docs/data/policies/credit-decisions.yaml").read_text()


@pytest.fixture
def editor():
    return person("rui", "member", "policy editor")


def test_a_policy_reads_as_sentences_beside_its_text(client, editor):
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    client.force_login(person("ada"))

    page = client.get("/policies/credit-decisions/").content.decode()

    assert "Auc floor" in page
    assert "cost at most 0.70" in page
    assert "Publish v" not in page


def test_a_draft_is_hidden_from_those_who_cannot_edit(client, editor):
    services.draft("credit-decisions", TEXT, actor=editor)
    client.force_login(person("ada"))

    assert client.get("/policies/credit-decisions/1/").status_code == 404
    assert client.get("/policies/credit-decisions/").status_code == 404


def test_an_editor_writes_and_publishes_a_policy(client, editor):
    client.force_login(editor)

    client.post("/policies/new/", {"name": "credit-decisions", "text": TEXT})
    client.post("/policies/credit-decisions/1/submit/")
    client.force_login(person("pet", "policy editor"))
    client.post("/policies/credit-decisions/1/publish/")

    assert PolicyVersion.objects.get().is_published


def test_a_mistake_keeps_the_text_and_says_what_is_wrong(client, editor):
    client.force_login(editor)
    wrong = TEXT.replace("auc at least 0.75", "auk at least 0.75")

    answer = client.post("/policies/new/", {"name": "credit-decisions", "text": wrong})

    assert answer.status_code == 422
    assert "auk" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def test_a_member_cannot_publish(client, editor):
    put_in_force(services.draft("credit-decisions", TEXT, actor=editor))
    client.force_login(person("ada"))

    assert client.post("/policies/credit-decisions/1/retire/").status_code == 403
    assert PolicyVersion.objects.get().is_published
