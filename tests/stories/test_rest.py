"""The whole loop through the REST API alone: from predictions to a champion that two people signed."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.accounts.models import User
from governance.audit.models import Entry
from governance.jobs import runner
from governance.jobs.models import Job
from governance.runtime import story
from tests.api.clients import V1, bearing

pytestmark = pytest.mark.django_db(transaction=True)

VERSION = f"{V1}models/scoring/versions/1/"
CARD = {
    "overview": "A score.",
    "intended_use": "Credit decisions.",
    "out_of_scope": "Everything else.",
    "limitations": "Simulated applications.",
}
COLUMNS = {
    "score": "score",
    "label": "bad",
    "row_key": "id",
    "slices": ["age_group", "foreign_worker"],
}
COSTS_TOO_MUCH, COSTS_LESS = 0.99, 0.2


@pytest.fixture
def people():
    story.seed()
    return {name: bearing(User.objects.get(username=name)) for name in story.PEOPLE}


def applications():
    """600 applications whose scores tell good from bad, alike in both age groups."""
    random = np.random.default_rng(3)
    bad = random.random(600) < 0.3
    scores = np.where(bad, random.beta(5, 4, 600), random.beta(2, 8, 600))
    groups = random.choice(["up to 25", "over 25"], 600)
    table = {"id": range(600), "bad": bad.astype(int), "score": scores, "age_group": groups}
    return pd.DataFrame(table).assign(foreign_worker="yes")


def hand_in(client, threshold):
    """Uploads the predictions, lets the worker do what waits, and returns the verdict."""
    file = io.BytesIO()
    applications().to_parquet(file, index=False)
    accepted = client.post(
        f"{VERSION}evaluations/",
        {
            "source": SimpleUploadedFile("hold_out.parquet", file.getvalue()),
            "columns": json.dumps(COLUMNS),
            "dataset_name": "hold-out",
            "threshold": threshold,
        },
        format="multipart",
    )
    assert accepted.status_code == 202, accepted.json()
    work()
    job = client.get(accepted["Location"]).json()
    assert job["state"] == "succeeded", job["reason"]
    evaluation = accepted.json()["evaluation"]["id"]
    [blessing] = client.get(f"{V1}blessings/?evaluation={evaluation}").json()["results"]
    return blessing


def work():
    while job := Job.objects.filter(state="queued").order_by("created_at").first():
        runner.run(str(job.pk))


def register(client):
    client.post(f"{V1}models/", {"name": "scoring"})
    client.post(f"{V1}use-cases/credit-decisions/models/", {"model": "scoring"})
    made = client.post(
        f"{V1}models/scoring/versions/",
        {"source": "s3://models/1", "code_commit": "abc", "training_data": "loans"},
    )
    assert made.status_code == 201, made.json()


def ask(client):
    return client.post(
        f"{V1}approvals/", {"model": "scoring", "version": 1, "statement": "Go."}
    )


def sign(client, step, **more):
    body = {
        "step": step,
        "decision": "approve",
        "reason": "The evidence answers the need.",
        "password": story.PASSWORD,
    }
    return client.post(f"{V1}approvals/1/votes/", body | more)


def gate(client, query=""):
    return client.get(f"{VERSION}gate?alias=champion{query}").json()


def crown(client):
    return client.put(f"{V1}models/scoring/aliases/champion/", {"version": 1})


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_from_predictions_to_a_signed_champion(people):
    ada, rui, bea, olu = (people[name] for name in ("ada", "rui", "bea", "olu"))
    register(ada)

    assert hand_in(ada, COSTS_TOO_MUCH)["verdict"] == "not_blessed"
    assert ask(ada).json()["code"] == "not_blessed"
    assert hand_in(ada, COSTS_LESS)["suffices"]
    assert ask(ada).json()["code"] == "card"
    assert ada.patch(f"{VERSION}card/", CARD).status_code == 200
    opened = ask(ada)
    assert (opened.status_code, opened.json()["current_step"]) == (201, "validation")

    assert sign(ada, "validation").status_code == 403
    assert sign(bea, "release").json()["detail"] == "This step waits for validation."
    assert sign(rui, "validation", password="guess").status_code == 403
    assert sign(rui, "validation").status_code == 201
    refusal = gate(olu)
    assert (refusal["allowed"], refusal["request"]) == (False, 1)
    assert crown(olu).json()["reasons"] == refusal["reasons"]

    assert sign(bea, "release").json()["state"] == "approved"
    assert gate(olu)["allowed"]
    assert crown(olu).json() == {"name": "champion", "version": 1}
    states = {item["key"]: item["state"] for item in gate(olu, "&checklist=1")["checklist"]}
    assert set(states.values()) == {"done"}
    [move] = olu.get(f"{V1}models/scoring/moves/").json()["results"]
    assert move["decision"]["evidence"]["request"] == 1


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_a_rejection_closes_the_request_and_the_gate_stays_shut(people):
    ada, rui, olu = (people[name] for name in ("ada", "rui", "olu"))
    register(ada)
    hand_in(ada, COSTS_LESS)
    ada.patch(f"{VERSION}card/", CARD)
    ask(ada)

    rejected = sign(rui, "validation", decision="reject", reason="The sample is simulated.")

    assert rejected.json()["state"] == "rejected"
    assert rejected.json()["closing_reason"] == "The sample is simulated."
    assert "was rejected" in " ".join(gate(olu)["reasons"])
    assert sign(rui, "validation").status_code == 409


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_trail_tells_the_story_with_its_refusals(people):
    ada, rui = people["ada"], people["rui"]
    register(ada)
    hand_in(ada, COSTS_LESS)
    ada.patch(f"{VERSION}card/", CARD)
    ask(ada)
    sign(ada, "validation")
    sign(rui, "validation")

    trail = people["vi"].get(f"{V1}audit/?page_size=500").json()["results"]
    told = [
        (entry["event"], entry["refused"], entry["actor_name"]) for entry in reversed(trail)
    ]
    votes = [row for row in told if row[0] == "approvals.voted"]
    assert votes == [
        ("approvals.voted", True, "Ada Okoye"),
        ("approvals.voted", False, "Rui Tanaka"),
    ]
    assert Entry.objects.count() == len(trail)
