"""What an entry says, in plain English."""

import pytest

from governance.audit.events import ATTEMPTS, Event
from governance.audit.models import Entry
from governance.audit.wording import headline, reasons, sentence


def entry(event, *, refused=False, label="credit-scoring", **data):
    return Entry(event=event, refused=refused, actor_name="Olu", subject_label=label, data=data)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            entry(Event.ALIAS_SET, alias="champion", before="", after="credit-scoring v3"),
            "Alias set: champion → credit-scoring v3",
        ),
        (
            entry(Event.ALIAS_SET, refused=True, alias="champion", version="credit-scoring v3"),
            "Refused: set alias: champion → credit-scoring v3",
        ),
        (
            entry(
                Event.EXCEPTION_SIGNED,
                label="“four fifths” of m v1",
                meaning="excepted",
                capacity="Accountable for it",
            ),
            "Exception signed: “four fifths” of m v1 (excepted, Accountable for it)",
        ),
        (
            entry(Event.ALIAS_DELETED, alias="champion", before="credit-scoring v3", after=""),
            "Alias removed: champion, before credit-scoring v3",
        ),
        (
            entry(Event.STAGE_CHANGED, label="m v1", before="None", after="Staging"),
            "Stage changed: m v1, None → Staging",
        ),
        (
            entry(Event.STAGE_CHANGED, refused=True, label="m v1", stage="Production"),
            "Refused: change stage: m v1, to Production",
        ),
        (
            entry(
                Event.ARTIFACT_CHANGED,
                label="m v1",
                before="sha256:" + "a" * 64,
                after="sha256:" + "b" * 64,
            ),
            "Artifact found changed: m v1, sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…",
        ),
        (
            entry(Event.DIVERGENCE_SEEN, sentence="champion is v3 there."),
            f"{Event.DIVERGENCE_SEEN.label}: champion is v3 there.",
        ),
        (
            entry(Event.TAG_SET, key="team", value="risk"),
            "Tag set: team = risk, on credit-scoring",
        ),
        (entry(Event.MODEL_RENAMED, before="a", after="b"), "Model renamed: a → b"),
        (
            entry(Event.CLEARANCE_GRANTED, label="m v1", pointer="champion"),
            "Clearance granted: m v1 as champion",
        ),
        (
            entry(
                Event.BLESSING_GIVEN,
                label="m v1: Not blessed",
                verdict="not_blessed",
                policy="p v1",
            ),
            "Verdict reached: m v1, not blessed by p v1",
        ),
        (entry(Event.VERSION_CREATED, label="m v2"), "Version registered: m v2"),
    ],
)
def test_an_entry_is_a_sentence(told, words):
    assert sentence(told) == words


def test_a_refusal_gives_its_reasons():
    told = entry(Event.ALIAS_SET, refused=True, reasons=["No clearance."], alias="champion")

    assert headline(told) == "Refused: set alias"
    assert reasons(told) == ["No clearance."]


@pytest.mark.parametrize("event", Event)
def test_no_entry_breaks_however_little_it_carries(event):
    for refused in (False, True):
        told = entry(event, refused=refused)

        assert sentence(told).startswith("Refused: " if refused else event.label)


def test_what_was_tried_is_said_as_a_verb():
    assert all(words[0].islower() or words.startswith("RACI") for words in ATTEMPTS.values())


def test_an_event_that_is_no_more_is_told_by_its_name():
    assert sentence(entry("gone.event", refused=True)) == "Refused: gone.event: credit-scoring"
