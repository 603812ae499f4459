from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from governance.audit.models import Entry
from governance.datasets import queries, services
from governance.datasets.models import DataSet
from governance.errors import Conflict, Invalid, NotAllowed
from governance.jobs import runner
from governance.usecases import services as usecases
from tests.accounts.factories import person
from tests.evaluation.factories import csv, measured, parquet, predictions
from tests.registry.factories import version as registered_version
from tests.usecases.factories import use_case

pytestmark = pytest.mark.django_db


def recorded(case=None, *, actor=None, source=None, name="people", **said):
    case = case or use_case(MO=person("mo"))
    return services.record_data_set(
        name,
        actor=actor or person("mo"),
        source=source or parquet(predictions()),
        use_case=case,
        **said,
    )


def read(record):
    runner.run(str(record.job_id))
    record.refresh_from_db()
    return record


def test_a_recorded_file_is_read_by_a_job():
    record = read(recorded(version="2024", licence="CC0-1.0", sensitive_fields=["age"]))

    assert (record.state, record.rows) == ("ready", 400)
    assert record.column_names == ["id", "score", "bad", "age"]
    assert record.digest.startswith("sha256:")
    assert Entry.objects.filter(event="datasets.profiled").exists()


def test_the_same_file_is_one_record_of_a_use_case():
    case, content = use_case(MO=person("mo")), parquet(predictions()).read()
    first = recorded(case, source=SimpleUploadedFile("a.parquet", content))

    with pytest.raises(Conflict, match="recorded already, as people"):
        recorded(case, source=SimpleUploadedFile("b.parquet", content), name="others")

    assert DataSet.objects.get().artifact == first.artifact


def test_the_same_file_of_two_use_cases_is_stored_once():
    content = parquet(predictions()).read()
    records = [
        recorded(use_case(slug, MO=person("mo")), source=SimpleUploadedFile("a", content))
        for slug in ("credit", "fraud")
    ]

    assert len({record.artifact for record in records}) == 1
    assert default_storage.exists(records[0].artifact)


def test_a_name_and_version_stand_for_one_data_set():
    case = use_case(MO=person("mo"))
    recorded(case, version="1")

    with pytest.raises(Conflict, match="give the data another version"):
        recorded(case, version="1", source=parquet(predictions(20)))


@pytest.mark.django_db(transaction=True)
def test_two_who_record_the_same_file_at_once_make_one_record():
    case, mo = use_case(MO=person("mo")), person("mo")
    content = parquet(predictions()).read()

    def attempt(name):
        try:
            return recorded(
                case, actor=mo, source=SimpleUploadedFile("a", content), name=name
            ).name
        except Conflict:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        outcomes = list(both.map(attempt, ["one", "two"]))

    assert outcomes.count("refused") == 1
    assert DataSet.objects.count() == 1


def test_an_evaluation_makes_the_data_set_it_names_known():
    version = registered_version()
    evaluation = measured(version, dataset_name="hold-out", dataset_version="june")

    record = DataSet.objects.get()

    assert (record.state, record.rows, str(record)) == ("named", 400, "hold-out june")
    assert list(record.evaluations) == [evaluation]


def test_an_evaluation_of_a_recorded_data_set_leads_to_its_record():
    case = use_case(MO=person("mo"))
    version = registered_version(owner=case.created_by)
    usecases.adopt_model(case, version.model, actor=case.created_by)
    record = recorded(case, name="hold-out")

    evaluation = measured(version, actor=person("mo"), dataset_name="hold-out")

    assert DataSet.objects.get() == record
    assert list(record.evaluations) == [evaluation]


def test_evaluations_under_one_name_on_other_rows_are_told():
    version = registered_version()
    measured(version)
    assert not queries.on_other_rows(DataSet.objects.get())

    measured(version, source=parquet(predictions(300)))

    assert queries.on_other_rows(DataSet.objects.get())


def test_what_was_read_never_changes():
    record = read(recorded())

    for change in ({"digest": "sha256:0"}, {"rows": 1}, {"columns": []}, {"name": "x"}):
        with (
            pytest.raises(DatabaseError, match=r"never change|Cannot update"),
            transaction.atomic(),
        ):
            DataSet.objects.filter(pk=record.pk).update(**change)


def test_what_people_say_may_change_and_is_remembered():
    record = read(recorded())

    services.describe(record, actor=person("mo"), licence="CC-BY-4.0", sensitive_fields=["age"])

    record.refresh_from_db()
    assert (record.licence, record.sensitive_fields) == ("CC-BY-4.0", ["age"])
    assert Entry.objects.get(event="datasets.described").data["licence"] == "CC-BY-4.0"


def test_a_sensitive_column_must_be_in_the_file():
    with pytest.raises(Invalid, match="no column “income”"):
        recorded(sensitive_fields=["income"])


def test_strangers_may_not_record_nor_see():
    case = use_case(MO=person("mo"))
    record = recorded(case)

    with pytest.raises(NotAllowed):
        recorded(case, actor=person("cy"))
    assert not DataSet.objects.visible_to(person("cy")).exists()
    assert DataSet.objects.visible_to(person("mo")).get() == record


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (csv("age,sex\n"), "no rows"),
        (csv("age,age\n1,2\n"), "a name of its own"),
        (SimpleUploadedFile("a.parquet", b"PAR1 cut off PAR1"), "cannot be read as Parquet"),
        (SimpleUploadedFile("a.csv", "alter,größe\n1,2\n".encode("utf-16")), "UTF-8"),
        (SimpleUploadedFile("a.csv", b"PK\x03\x04 zip \0\0\0"), "is packed"),
        (SimpleUploadedFile("a.csv", b"\x1f\x8b\x08 gzip \0\0"), "is packed"),
        (SimpleUploadedFile("a.csv", b"a,b\n\0,1\n"), "neither Parquet nor CSV"),
        (SimpleUploadedFile("a.csv", b""), "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_cannot_be_read_are_refused_at_once(source, sentence):
    with pytest.raises(Invalid, match=sentence):
        recorded(source=source)


def test_a_file_in_another_encoding_fails_with_its_sentence():
    record = read(
        recorded(source=SimpleUploadedFile("a.csv", "name,größe\nJürgen,2\n".encode("latin-1")))
    )

    assert record.state == "failed"
    assert "UTF-8" in record.reason or "unicode" in record.reason
