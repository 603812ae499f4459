"""What stands on a card, and when it is complete."""

import pytest

from governance.cards import document
from governance.cards.fields import Completeness, Table
from governance.errors import Invalid
from governance.usecases import services as usecases
from registry import services as registry
from tests.cards.factories import measure, next_version, person, story, written
from tests.registry import factories as registered

pytestmark = pytest.mark.django_db


def missing(version, gate="review"):
    return {field.key for field in document.completeness(document.build(version), gate).missing}


def complete():
    """A version whose card has everything the review asks for."""
    told = story(MO=[person("mo")])
    usecases.revise(told.use_case, actor=person("bo"), need="Lend well.", cost_false_negative=5)
    usecases.define_kpi(
        told.use_case,
        actor=person("bo"),
        key="bad_rate",
        title="Bad rate",
        unit="%",
        direction="lower",
        target=5,
    )
    for key in ("code_commit", "training_data"):
        registry.set_tag(told.version, key, "abc", actor=person("root"))
    measure(told.blessing.evaluation)
    written(told.version)
    return told


def test_complete_card_lacks_nothing():
    card = document.build(complete().version)

    assert document.completeness(card, "review").is_complete
    assert document.completeness(card, "review").sentence.startswith("20 of 20 fields")


def test_every_gate_asks_for_its_own_fields_and_those_before():
    card = document.build(complete().version)

    required = [document.completeness(card, gate).required for gate in ("scope", "evaluate")]

    assert required[0] < required[1]


def test_bare_version_lacks_what_people_and_records_owe():
    assert {"intended_use", "limitations", "use_case", "metrics", "verdict"} <= missing(
        registered.version()
    )


def test_empty_text_is_missing():
    told = complete()
    written(told.version, limitations="  ")

    assert missing(told.version) == {"limitations"}


def test_carried_over_text_is_missing_until_confirmed():
    second = next_version(complete().version)

    field = document.build(second).field("limitations")

    assert field.kind == "LIFT"
    assert field.missing_sentence == (
        "Limitations: carried over from credit-scoring v1, to be confirmed."
    )
    assert "limitations" in missing(second)


def test_unknown_gate_is_refused():
    with pytest.raises(Invalid, match="scope, register"):
        document.completeness(document.build(registered.version()), "party")


def test_owners_come_from_the_matrix():
    card = document.build(complete().version)

    assert card.field("owners").value == (
        "Mo, answers for the model",
        "Bo, answers for the business need",
    )
    assert card.field("contact").value == ("mo@example.org",)


def test_every_figure_shows_its_rows_and_its_interval_or_says_so():
    told = story()
    evaluation = told.blessing.evaluation
    measure(evaluation)
    measure(evaluation, "ece", low=None, high=None, value=0.031)
    measure(evaluation, "pr_auc", value=None, method="no positives")

    values = [row[1] for row in document.build(told.version).field("metrics").value.rows]

    assert values == [
        "0.790 [0.740, 0.840], n = 400",
        "0.031 no interval, n = 400",
        "none (no positives)",
    ]


def test_verdict_is_the_newest():
    told = story()

    assert document.build(told.version).field("verdict").value == told.blessing.sentence


def test_tags_stand_in_for_lineage_that_was_not_given():
    version = registered.version(tags={"mlflow.source.git.commit": "abc"})

    assert document.build(version).field("code_commit").value == "abc"


def test_digest_changes_with_every_word():
    version = story().version
    before = document.build(version).digest
    written(version)

    assert document.build(version).digest != before == before.lower()


def test_queries_do_not_grow_with_figures(django_assert_max_num_queries):
    told = complete()
    for number in range(30):
        measure(told.blessing.evaluation, slice_field="age", slice_value=str(number))

    with django_assert_max_num_queries(14):
        document.build(told.version).digest  # noqa: B018


def test_tables_without_rows_are_empty():
    assert not Table(("a",), ())
    assert Completeness("scope", 0, 0, ()).is_complete
