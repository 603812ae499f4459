"""Lists as CSV: what the page shows, streamed, bounded, harmless in a spreadsheet."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import csv as files
from registry import services as registry
from registry.models import IS_PROMPT, PROMPT_TEXT
from tests.accounts.factories import person
from tests.registry import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client, settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN
    ada = person("ada")
    client.force_login(ada)
    return ada


def rows(client, address):
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment;")
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(text.splitlines()))


def test_models_are_exported_as_they_are_listed(client, ada):
    version = factories.version(factories.model("alpha", owner=ada), owner=ada)
    factories.model("beta", owner=ada)
    registry.set_alias(version.model, "best", version, actor=ada)

    [alpha] = rows(client, "/models.csv?name=ALP")

    assert (alpha["Model"], alpha["Aliases"], alpha["Newest version"]) == (
        "alpha",
        "best → v1",
        "1",
    )
    assert [one["Model"] for one in rows(client, "/models.csv?order=-name")] == [
        "beta",
        "alpha",
    ]


def test_prompts_are_exported_apart(client, ada):
    factories.model("alpha", owner=ada)
    prompt = factories.model("greeting", owner=ada, tags={IS_PROMPT: "true"})
    factories.version(prompt, owner=ada, tags={PROMPT_TEXT: "Hello"})

    [greeting] = rows(client, "/models.csv?tab=prompts")

    assert (greeting["Prompt"], greeting["Newest text"]) == ("greeting", "Hello")
    assert [one["Model"] for one in rows(client, "/models.csv")] == ["alpha"]


def test_versions_of_a_model_are_exported_newest_first(client, ada):
    model = factories.model("alpha", owner=ada)
    for number in (1, 2):
        factories.version(model, owner=ada, code_commit=f"c{number}")

    found = rows(client, "/models/alpha/versions.csv")

    assert [(one["Version"], one["Code"]) for one in found] == [("2", "c2"), ("1", "c1")]


def test_the_trail_is_exported_in_sentences(client, ada):
    factories.version(factories.model("alpha", owner=ada), owner=ada)

    found = rows(client, "/models/alpha/trail.csv?event=registry.version.created")

    assert [one["What"] for one in found] == ["Version registered: alpha v1"]
    assert [one["Who"] for one in found] == ["Ada"]
    assert "Model registered: alpha" in [one["What"] for one in rows(client, "/audit.csv")]
    assert len(rows(client, "/models/alpha/versions/1/trail.csv")) == 1


def test_a_stranger_exports_nothing_of_others(client, ada):
    factories.model("alpha", owner=ada)
    client.force_login(person("cy"))

    assert rows(client, "/models.csv") == []
    assert client.get("/models/alpha/trail.csv").status_code == 404


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_formula_is_only_text(client, ada, formula):
    factories.model("alpha", owner=ada, description=formula)

    [alpha] = rows(client, "/models.csv")

    assert alpha["Description"] == f"'{formula}"


@pytest.mark.parametrize("value", [-1, 0.5, 3])
def test_a_number_stays_a_number(value):
    assert files.cell(value) == value


def test_a_long_list_ends_with_a_sentence(client, ada, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    for number in range(3):
        factories.model(f"m{number}", owner=ada)

    found = rows(client, "/models.csv")

    assert [one["Model"] for one in found] == [
        "m0",
        "m1",
        "Only the first 2 rows are in this file.",
    ]


@pytest.mark.parametrize("query", ["", "?tab=prompts"])
def test_more_rows_ask_no_more_queries(client, ada, query):
    def asked_after(numbers):
        for number in numbers:
            tags = {IS_PROMPT: "true"} if query else {}
            model = factories.model(f"m{number}", owner=ada, tags=tags)
            registry.set_alias(model, "a", factories.version(model, owner=ada), actor=ada)
        with CaptureQueriesContext(connection) as captured:
            rows(client, f"/models.csv{query}")
        return len(captured)

    asked_after(range(1))
    few = asked_after(range(1, 3))

    assert asked_after(range(3, 8)) == few
