"""What a matrix may start from, the organisation's own choice, and the components as rows."""

import json

import pytest

from governance.policies import checks
from raci import queries, rules, services
from raci.advice import advise
from raci.components import COMPONENTS
from raci.errors import Invalid
from raci.templates import known_activities, ours, template, templates
from tests.policies.factories import policy_text
from tests.raci.factories import matrix, person

REMARKS = {
    "default": [("R8", "decide_retirement"), ("R9", "SEC")],
    "credit": [("R9", "SEC"), ("R9", "AUD")],
    "language_model": [],
    "small_team": [],
}
OWN = {
    "title": "Ours",
    "roles": [{"code": "BO", "title": "Business owner"}, {"code": "DS", "title": "Scientist"}],
    "activities": [
        {"key": "train", "stage": "work", "title": "Train", "cells": {"BO": "A", "DS": "R"}}
    ],
}


def test_there_are_four_and_the_default_comes_first():
    assert [one.key for one in templates()] == [
        "default",
        "credit",
        "language_model",
        "small_team",
    ]
    assert all(one.title and one.description for one in templates())


@pytest.mark.parametrize("key", ours())
def test_a_template_is_sound_and_its_remarks_are_known(key):
    grid = template(key).grid

    assert rules.check(grid) == []
    found = [(one.code, one.activity or one.role) for one in advise(grid)]
    assert found == REMARKS[key]


@pytest.mark.parametrize("key", ours())
def test_a_template_carries_all_that_is_routed_by_the_default(key):
    needed = {(one.key, one.segregated) for one in template("default").grid}

    assert needed <= {(one.key, one.segregated) for one in template(key).grid}
    assert {"BO", "MO", "DS", "RV"} <= {one["code"] for one in template(key).snapshot["roles"]}


def test_the_small_team_has_four_roles():
    assert len(template("small_team").snapshot["roles"]) == 4


def test_internal_audit_stands_outside_of_credit():
    letters = {line.cells.get("AUD", "I") for line in template("credit").grid}

    assert letters == {"I"}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ours())
def test_a_matrix_is_made_from_each(key):
    made = services.create_matrix(f"use-case:{key}", key, actor=None, template=key)

    assert queries.snapshot(made) == template(key).snapshot
    assert made.versions.get().snapshot == template(key).snapshot


@pytest.mark.django_db
def test_the_organisation_may_choose_one_of_ours(settings):
    settings.RACI_TEMPLATE = "small_team"

    assert templates()[0].key == "small_team"
    assert matrix().roles.count() == 4


@pytest.mark.django_db
def test_the_organisation_may_bring_its_own_file(settings, tmp_path):
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(OWN))
    settings.RACI_TEMPLATE = str(path)

    assert [one.key for one in templates()][:2] == ["organisation", "default"]
    assert list(matrix().activities.values_list("key", flat=True)) == ["train"]
    assert "train" in known_activities()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "JSONDecodeError"),
        ("[]", "does not have the form of its schema"),
        ('{"roles": []}', "'activities' is missing"),
        (json.dumps(OWN).replace('"A"', '"X"'), "“X” for BO in “Train” is not allowed"),
        (json.dumps(OWN).replace('"A"', '"R"'), "Nobody is Accountable for “Train”"),
        ("x" * 500_001, "more than 500,000 bytes"),
        (None, "FileNotFoundError"),
    ],
)
def test_an_unusable_file_is_a_sentence(settings, tmp_path, text, sentence):
    path = tmp_path / "ours.json"
    if text is not None:
        path.write_text(text)
    settings.RACI_TEMPLATE = str(path)

    with pytest.raises(
        Invalid, match=r"The RACI template ours\.json cannot be used"
    ) as refused:
        template()

    assert sentence in refused.value.sentence


def test_a_template_nobody_knows_is_refused():
    with pytest.raises(Invalid, match="there is default, credit"):
        template("../secrets")


def test_policies_may_name_the_activities_of_any_template():
    text = policy_text().replace("activity: approve_release", "activity: red_team")

    checked = checks.check(text)

    assert "red_team" in [step.activity for step in checked.document.approvals]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ours())
def test_the_components_get_an_owner_each_in_one_act(key):
    bo = person("bo", is_superuser=True)
    made = services.create_matrix("use-case:x", "X", actor=None, template=key)

    version = services.add_components(made, expected=1, actor=bo)

    rows = version.snapshot["activities"][-10:]
    assert [one["key"] for one in rows] == [one.key for one in COMPONENTS]
    assert all("A/R" in one["cells"].values() for one in rows)
    assert queries.problems(made) == []
    assert services.add_components(made, expected=2, actor=bo).number == 2
