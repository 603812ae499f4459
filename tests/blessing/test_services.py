"""Blessing for real: measured files, frozen evidence, baselines on the same rows, the job."""

import copy
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.audit.models import Entry
from governance.blessing import frozen, queries, services
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.signals import judged
from governance.errors import Conflict, NotAllowed
from governance.jobs import runner
from governance.jobs.models import Job
from governance.metrics.binary import BINARY
from governance.policies import services as policies
from governance.usecases import services as usecases
from registry.models import RegisteredModel
from registry.services import create_version
from tests.blessing.factories import (
    blessed,
    evaluated,
    governed_model,
    pia,
    policy,
    version_of,
)
from tests.evaluation.factories import COLUMNS, measured, predictions
from tests.policies.factories import policy_text, published
from tests.registry.factories import model as ungoverned_model
from tests.usecases.factories import person

pytestmark = pytest.mark.django_db


def outcomes(blessing):
    return {result.name: result.outcome for result in blessing.results.all()}


def judge_job():
    return Job.objects.get(kind="blessing.judge")


def run(job):
    runner.run(str(job.pk))
    job.refresh_from_db()
    return job


def test_a_first_version_is_blessed_as_such():
    policy()

    blessing = blessed(version_of(governed_model()))

    assert blessing.verdict == "blessed_first"
    assert blessing.sentence.startswith("Blessed (first version) against credit v1")
    assert outcomes(blessing)["no regression"] == "no_baseline"
    assert blessing.is_sufficient


def test_the_next_version_is_compared_with_it_on_the_same_rows():
    policy()
    model = governed_model()
    first = blessed(version_of(model))

    second = blessed(version_of(model))

    assert second.verdict == "blessed"
    assert second.baseline_version == first.version
    assert second.baseline_evaluation == first.evaluation
    auc = next(one for one in second.comparison if one["metric"] == "auc")
    assert (auc["value"], auc["told_apart"]) == (0, False)
    sentence = second.results.get(name="no regression").sentence
    assert "the two do not differ on any row — passed." in sentence


def test_a_baseline_that_was_not_evaluated_on_these_rows_is_missing():
    policy()
    model = governed_model()
    blessed(version_of(model))

    blessing = blessed(version_of(model), predictions(seed=99), dataset_name="march")

    assert blessing.verdict == "not_blessed"
    assert (
        "credit-scoring v1 was not evaluated on these rows; evaluate it on march first"
        in blessing.results.get(name="no regression").sentence
    )


def test_when_the_baseline_is_evaluated_there_too_the_version_that_waited_is_judged_again():
    policy()
    model = governed_model()
    first = blessed(version_of(model)).version
    march = predictions(seed=99)
    waiting = blessed(version_of(model), march, dataset_name="march")
    Job.objects.filter(kind="blessing.judge").update(state="succeeded")

    evaluated(first, march, dataset_name="march")

    queued = Job.objects.filter(kind="blessing.judge", state="queued")
    assert {job.arguments["evaluation"] for job in queued} == {
        str(waiting.evaluation_id),
        str(first.evaluations.latest("created_at").pk),
    }
    for job in queued:
        run(job)
    assert waiting.version.blessings.first().verdict == "blessed"


RELATIVE = (
    "cheaper: cost at most 100% of baseline",
    "no group loses: auc at least baseline minus 0.05 for each age",
)


def figures(rows):
    return {
        (one["metric"], one["slice_field"], one["slice_value"]): one["value"] for one in rows
    }


@pytest.mark.parametrize(
    "change",
    [{"cost_false_negative": 9}, {"favourable_outcome": "positive"}, {}],
    ids=["other costs", "the other outcome", "more slices"],
)
def test_a_baseline_measured_for_another_question_is_measured_again_for_todays(change):
    policy("auc floor: auc at least 0.60", *RELATIVE)
    model = governed_model()
    without_slices = {**COLUMNS, "row_key": "id", "slices": []}
    first = blessed(version_of(model), **({} if change else {"columns": without_slices}))
    if change:
        case = model.governed.use_case
        usecases.revise(case, actor=case.created_by, **change)

    blessing = blessed(version_of(RegisteredModel.objects.get(pk=model.pk)))

    baseline = blessing.frozen["baseline"]
    assert first.verdict == "blessed_first"
    assert blessing.verdict == "blessed", blessing.sentence
    assert baseline["measured_anew"]
    # The two versions have the same predictions, so today's question has one answer for both.
    assert figures(baseline["measurements"]) == figures(blessing.frozen["measurements"])


def test_a_baseline_whose_file_is_gone_cannot_be_measured_again_and_says_so():
    policy("auc floor: auc at least 0.60", *RELATIVE)
    model = governed_model()
    first = blessed(version_of(model))
    case = model.governed.use_case
    usecases.revise(case, actor=case.created_by, cost_false_negative=9)
    default_storage.delete(first.evaluation.artifact)

    said = blessed(version_of(model), predictions(seed=7)).results.get(name="cheaper").sentence

    assert "credit-scoring v1 was measured on these rows for another question" in said


def test_a_version_that_is_not_blessed_never_becomes_the_baseline():
    policy("auc floor: auc at least 0.999", "relative: auc at least baseline warn")
    model = governed_model()
    assert blessed(version_of(model)).verdict == "not_blessed"

    assert blessed(version_of(model)).baseline_version is None


def test_a_later_verdict_takes_the_place_as_baseline_away():
    policy(name="credit")
    model = governed_model()
    first = blessed(version_of(model))
    published(pia(), "auc floor: auc at least 0.999")
    services.bless(first.evaluation, actor=None)

    assert queries.latest_blessed(model, before=version_of(model)) is None


@pytest.mark.parametrize(
    ("baseline", "sentence"),
    [
        ("alias champion", "no version of credit-scoring is champion yet"),
        ("version 7", "credit-scoring has no version 7"),
    ],
)
def test_a_named_baseline_that_does_not_exist_is_no_baseline(baseline, sentence):
    policy(baseline=baseline)

    blessing = blessed(version_of(governed_model()))

    assert blessing.verdict == "blessed_first"
    assert sentence in blessing.results.get(name="no regression").sentence


def test_a_fixed_version_is_the_baseline_whether_blessed_or_not():
    policy(baseline="version 1")
    model = governed_model()
    first = evaluated(version_of(model))

    assert blessed(version_of(model)).baseline_evaluation == first


def test_a_small_group_of_a_must_rule_leaves_the_version_undecided():
    policy(
        "auc floor: auc at least 0.6", "groups: auc at least 0.1 for each age needs 350 rows"
    )

    blessing = blessed(version_of(governed_model()))

    assert (blessing.verdict, outcomes(blessing)["groups"]) == ("undecided", "too_few")
    assert len(blessing.results.get(name="groups").parts) == 2


def test_warnings_are_listed_with_the_verdict():
    policy(
        "auc floor: auc at least 0.6",
        "dream: auc at least 0.99 warn",
        "idle: f1 at most 0 note",
    )

    blessing = blessed(version_of(governed_model()))

    assert [result.name for result in queries.warnings(blessing)] == ["dream"]
    assert blessing.sentence == "Blessed against credit v1, 1 warning."


def test_old_data_fail_a_rule_on_their_age():
    policy("auc floor: auc at least 0.6", "fresh: age_days at most 30")
    today = timezone.localdate()
    version = version_of(governed_model())

    ends = [today - timedelta(days=30), today - timedelta(days=31), None]
    found = [outcomes(blessed(version, period_end=end))["fresh"] for end in ends]

    assert found == ["pass", "fail", "missing"]


# Frozen


def test_everything_that_the_verdict_rests_on_is_frozen():
    version = policy()
    blessing = blessed(version_of(governed_model()), period_end=date(2026, 1, 31))

    kept = blessing.frozen
    assert kept["policy"]["text"] == version.text
    assert kept["policy"]["digest"] == version.digest
    assert kept["evaluation"]["data_digest"] == blessing.evaluation.data_digest
    assert kept["evaluation"]["rows_digest"] == blessing.evaluation.rows_digest
    assert kept["code_version"] == blessing.code_version == frozen.CODE_VERSION
    assert {one["metric"] for one in kept["measurements"]} == {one.key for one in BINARY}
    assert kept["judgement"]["verdict"] == blessing.verdict


def test_a_blessing_read_back_from_the_database_is_reproduced_exactly():
    policy()
    model = governed_model()
    blessed(version_of(model))
    blessing = Blessing.objects.get(pk=blessed(version_of(model)).pk)

    again = services.reproduce(blessing)

    assert again.is_same
    assert (again.digest, again.verdict) == (blessing.digest, blessing.verdict)


def test_reproduction_does_not_look_at_what_changed_since():
    version = policy()
    blessing = blessed(version_of(governed_model()))
    policies.retire(version, actor=pia())
    published(pia(), "auc floor: auc at least 0.999")

    assert services.reproduce(blessing).is_same


@pytest.mark.parametrize(
    "tamper",
    [
        lambda kept: kept["judgement"].update(verdict="blessed_with_exception"),
        lambda kept: kept["policy"].update(text=policy_text("a: auc at least 0.1")),
        lambda kept: kept["measurements"][0].update(value=0.99),
        lambda kept: kept["evaluation"].update(data_digest="sha256:0"),
    ],
)
def test_changed_evidence_is_found(tamper):
    policy()
    blessing = blessed(version_of(governed_model()))
    blessing.frozen = copy.deepcopy(blessing.frozen)

    tamper(blessing.frozen)
    again = services.reproduce(blessing)

    assert not again.is_same or frozen.digest(blessing.frozen) != blessing.digest


def test_a_second_look_is_a_second_blessing():
    policy()
    first = blessed(version_of(governed_model()))

    second = services.bless(first.evaluation, actor=None)

    assert (second.pk != first.pk, second.digest) == (True, first.digest)
    assert queries.latest_blessing(first.version) == second


@pytest.mark.parametrize("model", [Blessing, RuleResult])
def test_the_database_keeps_verdicts(model):
    policy()
    blessed(version_of(governed_model()))

    with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
        model.objects.update(sentence="Blessed.")


# Doors


def test_a_verdict_is_on_the_trail():
    policy()
    blessing = blessed(version_of(governed_model()))

    entry = Entry.objects.about(blessing).get()
    assert (entry.event, entry.data["verdict"]) == ("blessing.judged", blessing.verdict)


def test_those_who_build_on_a_verdict_are_told_in_its_transaction():
    heard = []
    receiver = lambda blessing, **_: heard.append(  # noqa: E731
        (blessing.verdict, transaction.get_connection().in_atomic_block)
    )
    judged.connect(receiver)
    policy()

    blessed(version_of(governed_model()))

    assert heard == [("blessed_first", True)]


def test_only_who_runs_the_blessing_may_judge_again():
    policy()
    evaluation = evaluated(version_of(governed_model()))

    assert services.bless(evaluation, actor=person("mle")).created_by == person("mle")
    with pytest.raises(NotAllowed, match="Responsible or Accountable"):
        services.bless(evaluation, actor=person("cy"))
    assert Entry.objects.filter(refused=True, event="blessing.judged").count() == 1


def test_blessings_are_seen_with_the_version():
    policy()
    blessing = blessed(version_of(governed_model()))

    assert list(Blessing.objects.visible_to(person("mle"))) == [blessing]
    assert not Blessing.objects.visible_to(person("cy"))


def test_without_a_policy_nothing_is_judged_and_the_reason_is_given():
    with pytest.raises(Conflict, match="No published policy applies to tier 1"):
        blessed(version_of(governed_model()))

    assert not Blessing.objects.exists()


# The job


def test_a_finished_evaluation_is_judged_by_a_job():
    policy()
    evaluation = evaluated(version_of(governed_model()))

    job = run(judge_job())

    blessing = Blessing.objects.get()
    assert (job.state, job.result["blessing"]) == ("succeeded", blessing.pk)
    assert (blessing.evaluation, blessing.created_by) == (evaluation, person("mle"))


def test_a_job_that_is_sent_twice_judges_once():
    policy()
    evaluated(version_of(governed_model()))

    run(run(judge_job()))

    assert Blessing.objects.count() == 1


def test_a_job_without_a_policy_fails_with_the_reason():
    evaluated(version_of(governed_model()))

    job = run(judge_job())

    assert job.state == "failed"
    assert job.reason.startswith("No published policy applies to tier 1 of the use case")


def test_an_ungoverned_model_is_evaluated_and_never_judged():
    policy()
    model = ungoverned_model("loose", owner=person("bo"))
    evaluation = measured(create_version(model, actor=person("bo")))

    assert evaluation.is_finished
    assert not Job.objects.filter(kind="blessing.judge").exists()
    with pytest.raises(Conflict, match="loose is ungoverned"):
        services.bless(evaluation, actor=None)
