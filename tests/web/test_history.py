"""History, trail, lineage and prompts in the browser: without script, for those who may see them."""

from urllib.parse import urlencode

import pytest

from governance.accounts.models import User
from registry import services as registry
from registry.errors import NotAllowed
from registry.models import IS_PROMPT, PROMPT_TEXT
from tests.accounts.factories import person
from tests.registry import factories
from tests.release import factories as release

pytestmark = pytest.mark.django_db

MODEL = "/models/credit-scoring/"


@pytest.fixture
def told(client):
    """v1 serves by a clearance; Ada is signed in."""
    told = release.ready()
    clearance = release.cleared(told)
    registry.set_alias(told.version.model, "champion", told.version, actor=person("olu"))
    client.force_login(person("ada"))
    return told, clearance


def shown(client, address, reader="ada"):
    # The factories give people new passwords, which ends their sessions.
    client.force_login(User.objects.get(username=reader))
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]


def test_now_says_who_approved_on_what_evidence(client, told):
    _story, clearance = told

    page = shown(client, f"{MODEL}history/")

    assert f'href="/approvals/{clearance.request_id}/"' in page
    assert "Rui" in page and "Bo" in page
    assert "#verdict" in page
    assert clearance.policy_version.label in page
    assert "The numbers as a table" in page


def test_a_moment_before_the_move_had_nothing(client, told):
    story, _clearance = told
    at = urlencode({"at": story.version.model.created_at.isoformat()})

    assert "No alias and no stage with a version." in shown(client, f"{MODEL}history/?{at}")
    assert "was not registered yet" in shown(client, f"{MODEL}history/?at=2001-01-01")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2999-01-01T00:00", "Nobody knows yet"),
        ("soon", "Write a day and a time"),
        ("0001-01-01T00:00", ""),
        ("9999-12-31", "Nobody knows yet"),
        ("2026-13-45", "Write a day and a time"),
    ],
)
def test_a_moment_that_cannot_be_told_says_why(client, told, at, words):
    answer = client.get(f"{MODEL}history/", {"at": at})

    assert answer.status_code in (200, 422)
    assert words in answer.content.decode()


def test_a_former_name_is_told(client):
    ada = person("ada")
    client.force_login(ada)
    model = factories.model("old", owner=ada)
    registry.rename_model(model, "new", actor=ada)

    at = {"at": model.created_at.isoformat()}
    page = client.get("/models/new/history/", at).content.decode()

    assert "It was called old then." in page
    assert "It was called" not in shown(client, "/models/new/history/")


def test_the_trail_of_a_model_has_its_versions_and_refusals(client, told):
    story, _clearance = told
    challenger = release.challenger(story)
    with pytest.raises(NotAllowed):
        registry.set_alias(
            story.version.model, "champion", challenger.version, actor=person("olu")
        )

    page = shown(client, f"{MODEL}trail/")

    assert "Alias set: champion → credit-scoring v1" in page
    assert "Refused: set alias: champion → credit-scoring v2" in page
    assert "has no clearance for champion" in page
    assert "Version registered: credit-scoring v2" in page
    assert "Signed: credit-scoring v1 for champion" in page
    assert "Clearance granted: credit-scoring v1 as champion" in page
    assert "Model adopted into the use case: credit-scoring into Credit" in page


def test_the_trail_is_narrowed_by_person_and_event(client, told):
    page = shown(client, f"{MODEL}trail/?search=Olu&event=registry.alias.set")

    assert "Alias set" in page.partition('id="entries"')[2]
    assert "Version registered:" not in page
    assert "Nothing matches" in shown(client, f"{MODEL}trail/?until=2001-01-01")


def test_the_trail_of_a_version_leaves_others_out(client, told):
    release.challenger(told[0])

    page = shown(client, f"{MODEL}versions/2/trail/")

    assert "credit-scoring v2" in page
    assert "Clearance granted" not in page.partition('id="entries"')[2]


def test_the_lineage_is_drawn_and_listed(client, told):
    story, _clearance = told
    registry.create_version(
        story.version.model, actor=person("ada"), parent=story.version, code_commit="abc"
    )

    page = shown(client, f"{MODEL}versions/2/lineage/")

    assert page.count(f'href="{MODEL}versions/1/"') >= 2
    assert '<svg class="lineage"' in page
    assert "abc" in page
    assert "style=" not in page.partition("<svg")[2]


@pytest.fixture
def prompt(client):
    ada = person("ada")
    client.force_login(ada)
    factories.model("a-model", owner=ada)
    prompt = factories.model("greeting", owner=ada, tags={IS_PROMPT: "true"})
    text = {IS_PROMPT: "true", PROMPT_TEXT: "Hello <b>{{name}}</b>, " + "dear " * 80}
    factories.version(prompt, owner=ada, source="dummy-source", tags=text)
    return prompt


def test_prompts_stand_apart_from_models(client, prompt):
    models, prompts = shown(client, "/models/"), shown(client, "/models/?tab=prompts")

    assert "a-model" in models and "greeting" not in models
    assert "greeting" in prompts and "a-model" not in prompts
    assert "Hello &lt;b&gt;{{name}}&lt;/b&gt;" in prompts
    assert "Prompts (1)" in models


def test_a_version_of_a_prompt_shows_its_text_and_no_artifact(client, prompt):
    page = shown(client, "/models/greeting/versions/1/")

    assert "Hello &lt;b&gt;{{name}}&lt;/b&gt;" in page
    assert "dummy-source" not in page
