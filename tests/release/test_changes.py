"""What changed since the version that serves, and whether the policy calls that minor."""

import copy

import pytest

from governance.policies.document import read
from governance.release import changes
from registry import services as registry
from tests.policies.factories import policy_text
from tests.release.factories import challenger, cleared, person, ready, requested

PARTS = "artifact, training data, evaluation data, code, card, policy"
ACCOUNT = {
    "version": {
        "label": "credit-scoring v1",
        "artifact_digest": "sha256:" + "a" * 64,
        "digest": "",
        "training_data_digest": "sha256:" + "b" * 64,
        "code_commit": "abc",
    },
    "evaluation": {"dataset": "hold-out", "data_digest": "sha256:" + "c" * 64},
    "blessing": {"rules": [{"name": "auc floor", "outcome": "pass"}]},
    "policy": {"name": "credit", "number": 1},
    "card": {
        "sections": {
            "use": {
                "fields": {
                    "overview": {"title": "Overview", "kind": "ASK", "value": "It scores."}
                }
            },
            "data": {"fields": {"rows": {"kind": "AUTO", "value": "400"}}},
        }
    },
    "use_case": {"need": "Lend well.", "kpis": []},
}
PLACES = {
    "artifact": ("version", "artifact_digest"),
    "training data": ("version", "training_data_digest"),
    "code": ("version", "code_commit"),
    "evaluation data": ("evaluation", "data_digest"),
    "policy": ("policy", "number"),
    "need": ("use_case", "need"),
}


def policy(parts=PARTS):
    return read(f"{policy_text()}minor_change: {{unchanged: [{parts}]}}\n")


def changed(part, value="other"):
    account = copy.deepcopy(ACCOUNT)
    section, key = PLACES[part]
    account[section][key] = value
    return account


def test_the_same_account_is_a_minor_change():
    size = changes.size(policy(), ACCOUNT, ACCOUNT)

    assert size.is_minor
    assert size.sentence == (
        "Minor: artifact, training data, evaluation data, code, card and policy as in "
        "credit-scoring v1, which serves now."
    )


@pytest.mark.parametrize("part", [part for part in PLACES if part != "need"])
def test_what_the_policy_names_makes_a_change_major(part):
    size = changes.size(policy(), ACCOUNT, changed(part))

    assert (size.is_minor, size.sentence) == (
        False,
        f"Major, compared with credit-scoring v1: {part} changed.",
    )


@pytest.mark.parametrize("part", ["artifact", "training data", "code"])
def test_what_is_not_known_is_not_the_same(part):
    nothing = changed(part, "")

    size = changes.size(policy(), nothing, nothing)

    assert (size.is_minor, f"{part} not known of both" in size.sentence) == (False, True)


def test_what_the_policy_does_not_name_may_change():
    assert changes.size(policy("artifact"), ACCOUNT, changed("training data")).is_minor


def test_without_a_cleared_version_serving_every_change_is_major():
    assert not changes.size(policy(), None, ACCOUNT).is_minor


def test_without_the_word_in_the_policy_nothing_is_said():
    size = changes.size(read(policy_text()), ACCOUNT, ACCOUNT)

    assert (size.is_minor, size.sentence) == (False, "")


@pytest.mark.parametrize("part", PLACES)
def test_each_part_that_differs_is_told_once(part):
    [found] = changes.changes(ACCOUNT, changed(part, "other"))

    assert (found.part, found.sentence.startswith(part.capitalize())) == (part, True)


def test_a_word_on_the_card_is_a_change_and_a_figure_from_the_records_is_none():
    words, figures = copy.deepcopy(ACCOUNT), copy.deepcopy(ACCOUNT)
    words["card"]["sections"]["use"]["fields"]["overview"]["value"] = "It scores loans."
    figures["card"]["sections"]["data"]["fields"]["rows"]["value"] = "500"

    [changed_] = changes.changes(ACCOUNT, words)
    assert (changed_.part, changed_.sentence) == ("card", "Card changed: Overview.")
    assert changes.changes(ACCOUNT, figures) == []


@pytest.mark.django_db(transaction=True)
def test_a_request_freezes_what_changed_since_the_version_that_serves():
    told = ready()
    cleared(told)
    registry.set_alias(told.version.model, "champion", told.version, actor=person("olu"))

    request = requested(challenger(told))

    told_parts = {one["part"] for one in request.evidence["changes"]}
    assert "artifact" in told_parts
    assert "policy" not in told_parts


@pytest.mark.django_db(transaction=True)
def test_the_first_request_has_nothing_to_compare_with():
    assert requested().evidence["changes"] == []
