from datetime import date

import pytest
from django.core.files.storage import default_storage

from governance.audit.models import Entry
from governance.errors import Invalid, NotAllowed
from governance.evaluation.models import Evaluation
from governance.jobs.models import Job
from governance.usecases import services as usecases
from tests.accounts.factories import person
from tests.evaluation.factories import COSTS, csv, measured, parquet, predictions, requested
from tests.registry.factories import version as registered_version
from tests.usecases.factories import use_case

pytestmark = pytest.mark.django_db


def governed_version(**fields):
    """A version of a model in a use case: Mo answers for the evaluation, Mle runs it."""
    mo, mle = person("mo"), person("mle")
    case = use_case(MO=mo, MLE=mle, DS=person("ada"), cost_unit="units", **fields)
    version = registered_version(owner=case.created_by)
    usecases.adopt_model(case, version.model, actor=case.created_by)
    return version


def test_an_evaluation_is_requested_with_its_job():
    evaluation = requested(period_end=date(2024, 6, 30))

    assert (evaluation.state, evaluation.source_kind) == ("requested", "upload")
    assert evaluation.job.queue == "evaluation"
    assert evaluation.job.subject_id == str(evaluation.pk)
    assert evaluation.data_digest.startswith("sha256:")


def test_the_upload_is_kept_under_the_id_of_the_evaluation():
    evaluation = requested()

    assert evaluation.artifact == f"predictions/{evaluation.pk}"
    assert default_storage.exists(evaluation.artifact)


def test_costs_and_what_is_favourable_are_copied_from_the_use_case():
    version = governed_version(
        favourable_outcome="positive", **{f"cost_{key}": value for key, value in COSTS.items()}
    )

    evaluation = requested(version, actor=person("mle"))

    assert evaluation.costs == {**COSTS, "unit": "units"}
    assert evaluation.favourable == "positive"


@pytest.mark.parametrize("name", ["mo", "mle"])
def test_responsible_and_accountable_may_evaluate(name):
    assert requested(governed_version(), actor=person(name)).pk


def test_another_duty_does_not_suffice_in_a_use_case():
    version = governed_version()

    with pytest.raises(NotAllowed, match="Responsible or Accountable for Run the evaluation"):
        requested(version, actor=person("ada"))

    assert Entry.objects.filter(event="evaluation.requested", refused=True).count() == 1
    assert not Evaluation.objects.exists()


def test_a_stranger_may_not_evaluate_an_ungoverned_model():
    with pytest.raises(NotAllowed, match="only who made it"):
        requested(registered_version(), actor=person("cy"))


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"columns": {"score": "score"}}, "columns.label", "Name the column"),
        ({"columns": {"score": "p", "label": "bad"}}, "columns.score", "no column “p”"),
        ({"columns": ["score"]}, "columns", "which column"),
        (
            {"columns": {"score": "score", "label": "bad", "slices": ["sex"]}},
            "columns.slices",
            "no column “sex”",
        ),
        ({"columns": {"score": "score", "label": "bad", "key": "id"}}, "columns", "“key”"),
        ({"threshold": 1.5}, "threshold", "from 0 to 1"),
        ({"threshold": "high"}, "threshold", "from 0 to 1"),
        ({"dataset_name": " "}, "dataset_name", "Name the data set"),
        (
            {"period_start": date(2024, 2, 1), "period_end": date(2024, 1, 1)},
            "period_end",
            "before it starts",
        ),
        ({"source": "predictions.parquet"}, "source", "No folder"),
        ({"source": "https://example.org/p.parquet"}, "source", "No web address"),
        ({"source": csv("")}, "source", "empty"),
        ({"source": csv("score,bad,age\n")}, "source", "no rows"),
        ({"source": csv("PAR1 broken")}, "source", "cannot be read as Parquet"),
        ({"source": csv("\0\1\2")}, "source", "neither Parquet nor CSV"),
        ({"source": csv("score,score\n1,1\n")}, "source", "a name of its own"),
    ],
)
def test_what_can_be_seen_at_once_is_refused_at_once(asked, field, sentence):
    with pytest.raises(Invalid, match=sentence) as refusal:
        requested(**asked)

    assert refusal.value.field == field
    assert not Evaluation.objects.exists()
    assert not Job.objects.exists()
    assert (
        not default_storage.exists("predictions")
        or not default_storage.listdir("predictions")[1]
    )


def test_a_file_over_the_limit_is_refused(settings):
    settings.EVALUATION_MAX_BYTES = 1024

    with pytest.raises(Invalid, match="larger than the 1 KiB") as refusal:
        requested()

    assert (refusal.value.code, refusal.value.field) == ("too_large", "source")


def test_a_file_on_the_server_is_measured_where_it_lies(settings, tmp_path):
    settings.EVALUATION_ROOTS = [str(tmp_path)]
    predictions().to_parquet(tmp_path / "june.parquet")

    evaluation = measured(source=str(tmp_path / "june.parquet"))

    assert (evaluation.state, evaluation.source_kind) == ("finished", "path")


def test_deleting_is_noticed_before_anything_is_kept():
    from governance.errors import Conflict
    from registry.models import ModelVersion

    version = registered_version()
    ModelVersion.objects.filter(pk=version.pk).update(deleted_at="2024-01-01T00:00Z")

    with pytest.raises(Conflict, match="was deleted"):
        requested(version, source=parquet(predictions()))
