"""Whether a policy fits the data and the people of where it would apply."""

import pytest

from governance.datasets import services as datasets
from governance.errors import Invalid
from governance.jobs import runner
from governance.policies import services
from governance.policies.checks import check
from governance.policies.document import InvalidPolicy
from governance.policies.surroundings import KnownData, Surroundings, surroundings_of
from tests.accounts.factories import UserFactory
from tests.blessing.factories import blessed, governed_model, version_of
from tests.evaluation.factories import parquet, predictions
from tests.policies.factories import policy_text, published
from tests.usecases.factories import person

CREDIT = KnownData(
    "Credit scoring",
    columns=frozenset({"age_group", "income", "zip"}),
    groups={"age_group": 3, "zip": 812},
    sensitive=frozenset({"age_group"}),
    most_rows=1000,
    most_positives=300,
)
FRAUD = KnownData("Fraud", frozenset({"channel"}), {"channel": 4}, most_rows=50_000)


def checked(*rules, data=(CREDIT,)):
    text = policy_text("floor: auc at least 0.6", *rules)
    return check(text, lambda document: Surroundings(tuple(data)))


def notes(*rules, data=(CREDIT,)):
    return [str(note) for note in checked(*rules, data=data).notes]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            "weak: auc at least 0.5 for each agegroup needs 9 rows",
            "“weak”: no data set of these use cases has a field “agegroup”; "
            "did you mean “age_group”?",
        ),
        ("steady: psi(incom) at most 0.2", "did you mean “income”?"),
        ("even: gap(tpr, sex) at most 0.1 needs 9 rows", "known are age_group, income, zip."),
        (
            "areas: auc at least 0.5 for each zip needs 9 rows",
            "zip has 812 values, and at most 50 groups are judged; put its values into bands",
        ),
        (
            "big: auc at least 0.5 needs 1001 rows",
            "it needs 1,001 rows, but the largest data set known has 1,000",
        ),
        (
            "rare: auc at least 0.5 needs 500 rows and 301 positives",
            "it needs 301 positives, but the largest data set known has 300",
        ),
    ],
)
def test_what_no_known_data_could_satisfy_is_refused_at_its_line(rule, sentence):
    with pytest.raises(InvalidPolicy) as refusal:
        checked(rule)

    assert sentence in refusal.value.problems[0].sentence
    assert refusal.value.problems[0].line == 7


@pytest.mark.parametrize(
    "rule",
    [
        "one area: auc at least 0.5 for zip = 10115 needs 9 rows",
        "steady: psi(zip) at most 0.2",
        "classes: auc at least 0.5 for each class needs 9 rows",
        "bands: auc at least 0.5 for each income needs 9 rows",
        "crossed: auc at least 0.5 for each income x age_group needs 9 rows",
    ],
)
def test_what_known_data_can_satisfy_passes(rule):
    checked(rule)


def test_where_nothing_is_known_nothing_is_refused():
    assert checked("weak: auc at least 0.5 for each sex needs 9 rows", data=[])
    empty = KnownData("New")
    assert checked("weak: auc at least 0.5 for each sex needs 99999999 rows", data=[empty])


def test_a_field_that_only_one_use_case_lacks_is_a_doubt():
    said = notes("weak: auc at least 0.5 for each age_group needs 9 rows", data=[CREDIT, FRAUD])

    assert said == [
        "Line 7, column 6: “weak” will be missing in Fraud: none of its data sets has age_group."
    ]


def test_a_sensitive_field_that_no_rule_looks_at_is_a_doubt():
    assert "No rule looks at age_group, which Credit scoring declares sensitive." in notes()[-1]
    watched = notes("weak: auc at least 0.5 for each age_group needs 9 rows")
    assert not any("sensitive" in note for note in watched)


def test_drift_or_one_value_of_a_sensitive_field_is_not_looking_at_its_groups():
    rules = [
        "s: psi(age_group) at most 0.2",
        "o: auc at least 0.5 for age_group = x needs 9 rows",
    ]

    assert any("declares sensitive" in note for note in notes(*rules))


# With a database


@pytest.mark.django_db
def test_fields_are_known_from_records_and_from_what_was_measured():
    published(UserFactory(username="pia", groups=["policy editor"]), "a: auc at least 0.1")
    model = governed_model()
    blessed(version_of(model))
    record = datasets.record_data_set(
        "people",
        actor=person("mle"),
        source=parquet(predictions(500, income=7)),
        use_case=model.governed.use_case,
        sensitive_fields=["age"],
    )
    runner.run(str(record.job_id))

    known = surroundings_of(check(policy_text()).document).data[0]

    assert {"income", "age", "score", "bad", "id"} <= known.columns
    assert known.groups["age"] == 2
    assert "income" not in known.groups
    assert (known.sensitive, known.most_rows) == ({"age"}, 500)
    assert 0 < known.most_positives < 400


@pytest.mark.django_db
def test_saving_looks_around_and_refuses_with_the_line():
    pia = UserFactory(username="pia", groups=["policy editor"])
    published(pia, "a: auc at least 0.1")
    blessed(version_of(governed_model()))
    text = policy_text("a: auc at least 0.1", "b: auc at least 0.1 for each agee needs 5 rows")

    with pytest.raises(Invalid, match="did you mean “age”"):
        services.draft("credit", text, actor=pia)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("applies_to", "count"),
    [
        ("{tiers: [1]}", 1),
        ("{tiers: [2, 3]}", 0),
        ("{use_cases: [case-of-credit-scoring]}", 1),
        ("{tags: {domain: credit}}", 1),
        ("{tags: {domain: credit, region: eu}}", 0),
        ("{tags: {domain: fraud}}", 0),
    ],
)
def test_only_the_use_cases_it_would_apply_to_are_looked_at(applies_to, count):
    model = governed_model()
    model.tags.create(key="domain", value="credit")

    around = surroundings_of(check(policy_text(applies_to=applies_to)).document)

    assert len(around.data) == len(around.staffing) == count


@pytest.mark.django_db
def test_a_duty_nobody_holds_is_a_doubt():
    governed_model()
    text = policy_text().replace(
        "activity: approve_release, duty: A", "activity: independent_validation, duty: R"
    )

    said = [note.sentence for note in check(text, surroundings_of).notes]

    assert any("Nobody is Responsible for “Validate independently" in one for one in said)


@pytest.mark.django_db
def test_a_step_that_separation_leaves_to_nobody_is_a_doubt():
    """Mle builds every version and is the only one to answer for the release."""
    governed_model(owner=person("mle"))

    said = " ".join(note.sentence for note in check(policy_text(), surroundings_of).notes)

    assert "Case-Of-Credit-Scoring: The step release needs one signature" in said
    assert "but Mle builds the versions." in said


@pytest.mark.django_db
def test_people_enough_raise_no_doubt():
    governed_model()

    said = " ".join(note.sentence for note in check(policy_text(), surroundings_of).notes)

    assert "signature" not in said
    assert "Nobody" not in said
