"""Artifacts become plain files of ours; what reaches outside, fills disks or is not the registered one is refused."""

import io
import os
import shutil
import stat
import struct
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.errors import Invalid
from governance.infra import artifacts, places
from registry.artifacts import manifest_digest
from tests.infra import models
from tests.infra.factories import checked, digest, findings, folder_digest, requested
from tests.registry.factories import version as registered_version

FILES = {"MLmodel": b"flavors:\n  onnx:\n    data: model.onnx\n", "model.onnx": b"onnx"}


@pytest.fixture
def folder(tmp_path):
    return artifacts.make_room(tmp_path)


def written(tmp_path, files):
    for path, content in files.items():
        place = tmp_path / "source" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return tmp_path / "source"


def zipped(tmp_path, members):
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return path


def test_a_folder_goes_by_the_digest_the_registry_pins(tmp_path, folder):
    brought = artifacts.bring(written(tmp_path, FILES), "source", folder)

    assert brought.digests == [folder_digest(FILES)]
    assert brought.digest == manifest_digest(brought.files)
    assert (folder / "model.onnx").read_bytes() == b"onnx"


def test_a_file_goes_by_its_own_digest_and_by_that_of_a_folder_of_one(tmp_path, folder):
    source = written(tmp_path, {"model.onnx": b"onnx"}) / "model.onnx"

    brought = artifacts.bring(source, "model.onnx", folder)

    assert brought.digests == [digest(b"onnx"), folder_digest({"model.onnx": b"onnx"})]


@pytest.mark.parametrize("top", ["", "model/"])
def test_an_archive_goes_by_its_files_with_or_without_a_folder_around_them(
    tmp_path, folder, top
):
    archive = zipped(tmp_path, [(f"{top}{path}", content) for path, content in FILES.items()])

    brought = artifacts.bring(archive, "m.zip", folder)

    assert brought.digests == [folder_digest(FILES), digest(archive.read_bytes())]
    assert artifacts.model_file(brought) == "model.onnx"


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "c:\\out", "a\\..\\out"])
def test_an_archive_that_climbs_out_is_refused(tmp_path, folder, name):
    with pytest.raises(Invalid, match="outside its own folder"):
        artifacts.bring(zipped(tmp_path, [(name, b"x"), ("model.onnx", b"")]), "m.zip", folder)

    assert not list(folder.rglob("*"))


def test_an_archive_with_a_link_is_refused(tmp_path, folder):
    link = zipfile.ZipInfo("model.onnx")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(Invalid, match="symbolic link"):
        artifacts.bring(zipped(tmp_path, [(link, b"/etc/passwd")]), "m.zip", folder)


def test_an_archive_made_to_fill_a_disk_is_stopped_while_it_unpacks(tmp_path, folder):
    bomb = zipped(tmp_path, [("model.onnx", b"\0" * 60_000_000)])

    with pytest.raises(Invalid, match="fill a disk"):
        artifacts.bring(bomb, "m.zip", folder)

    assert sum(f.stat().st_size for f in folder.rglob("*")) < 12_000_000


def test_an_archive_that_lies_about_its_sizes_is_not_believed(tmp_path, folder, settings):
    settings.INFRA_MAX_BYTES = 1000
    archive = zipped(tmp_path, [("model.onnx", os.urandom(5000))])
    content = bytearray(archive.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    archive.write_bytes(content)

    with pytest.raises(Invalid):
        artifacts.bring(archive, "m.zip", folder)


def test_too_large_and_too_many_are_refused(tmp_path, folder, settings, monkeypatch):
    settings.INFRA_MAX_BYTES = 5
    with pytest.raises(Invalid, match="larger than the 5 bytes"):
        artifacts.bring(written(tmp_path, {"model.onnx": b"123456"}), "source", folder)

    settings.INFRA_MAX_BYTES = 1000
    monkeypatch.setattr(artifacts, "MOST_FILES", 1)
    with pytest.raises(Invalid, match="more than 1 files"):
        artifacts.bring(written(tmp_path, FILES), "source", artifacts.make_room(tmp_path))


def test_an_encrypted_twice_named_empty_or_broken_archive_is_refused(tmp_path, folder):
    twice = io.BytesIO()
    with pytest.warns(UserWarning), zipfile.ZipFile(twice, "w") as opened:
        opened.writestr("a", b"1")
        opened.writestr("a", b"2")
    (tmp_path / "twice.zip").write_bytes(twice.getvalue())
    locked = bytearray(zipped(tmp_path, [("model.onnx", b"x")]).read_bytes())
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04broken")
    (tmp_path / "empty.zip").write_bytes(zipped(tmp_path, []).read_bytes())

    for name, says in [
        ("twice", "names a file twice"),
        ("locked", "encrypted"),
        ("broken", "cannot be unpacked"),
        ("empty", "is empty"),
    ]:
        with pytest.raises(Invalid, match=says):
            artifacts.bring(tmp_path / f"{name}.zip", f"{name}.zip", folder)


@pytest.mark.parametrize("names", [["a", "a/b"], ["b/c", "b"], ["n" * 300]])
def test_an_archive_whose_names_are_no_files_is_refused(tmp_path, folder, names):
    archive = zipped(tmp_path, [("model.onnx", b"x"), *((name, b"x") for name in names)])

    with pytest.raises(Invalid, match="cannot be written as files"):
        artifacts.bring(archive, "m.zip", folder)


def test_links_in_a_folder_are_not_followed(tmp_path, folder):
    source = written(tmp_path, FILES)
    (source / "secret").symlink_to("/etc/passwd")

    with pytest.raises(Invalid, match="links are not followed"):
        artifacts.bring(source, "source", folder)


def test_the_model_is_the_one_that_mlflow_names_or_the_only_one(tmp_path):
    def chosen(files):
        place = artifacts.make_room(tmp_path)
        shutil.rmtree(tmp_path / "source", ignore_errors=True)
        return artifacts.model_file(artifacts.bring(written(tmp_path, files), "s", place))

    named = b"flavors:\n  onnx:\n    data: second.onnx\n"
    assert chosen({"first.onnx": b"", "second.onnx": b"", "MLmodel": named}) == "second.onnx"
    assert chosen({"only.onnx": b"", "MLmodel": b"\x00: ["}) == "only.onnx"
    assert chosen({"a.onnx": b"", "model.onnx": b""}) == "model.onnx"
    assert chosen({"model.pkl": b""}) == ""
    with pytest.raises(Invalid, match="2 ONNX files"):
        chosen({"a.onnx": b"", "b.onnx": b""})


def test_a_path_is_taken_only_from_folders_that_are_open(tmp_path, settings):
    inside, outside = tmp_path / "open", tmp_path / "closed"
    inside.mkdir()
    outside.mkdir()
    (inside / "way-out").symlink_to(outside)
    with pytest.raises(Invalid, match="No folder of this server is open"):
        places.resolved(str(inside))

    settings.INFRA_ROOTS = [str(inside)]

    assert places.resolved(str(inside)) == inside
    for path in (outside, inside / ".." / "closed", inside / "way-out"):
        with pytest.raises(Invalid, match="outside the folders"):
            places.resolved(str(path))
    with pytest.raises(Invalid, match="There is nothing"):
        places.resolved(str(inside / "gone"))
    with pytest.raises(Invalid, match="not a usable path"):
        places.resolved("a\0b")


@pytest.mark.django_db
def test_a_folder_on_the_server_is_checked_where_it_lies(tmp_path, settings):
    settings.INFRA_ROOTS = [str(tmp_path)]
    files = FILES | {"model.onnx": models.logistic()}
    source = written(tmp_path, files)
    version = registered_version(digest=folder_digest(files))

    check = checked(version=version, artifact=str(source))

    assert check.state == "passed"
    assert (source / "model.onnx").read_bytes() == files["model.onnx"]


@pytest.mark.django_db
def test_what_cannot_be_unpacked_is_a_finding_and_not_a_broken_job():
    version = registered_version(digest="sha256:" + "0" * 64)
    broken = SimpleUploadedFile("m.zip", b"PK\x03\x04broken")

    check = checked(version=version, artifact=broken)

    assert (check.state, check.job.reason) == ("failed", "")
    assert "cannot be unpacked" in findings(check)["digest"].sentence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "outcome", "says"),
    [
        ({"requirements.txt": b"onnxruntime==1.0.0\n"}, "undefined", "onnxruntime==1.0.0 is"),
        ({"requirements.txt": b"# none\nflask>=2\n"}, "skipped", "none of them takes part"),
        (
            {"conda.yaml": b"dependencies: [python=3.9, {pip: ['onnxruntime>=1']}]"},
            "pass",
            "as declared",
        ),
        ({"conda.yaml": b"dependencies: ["}, "skipped", "declares no requirements"),
    ],
)
def test_other_libraries_than_declared_are_told_and_left_to_people(files, outcome, says):
    check = checked({"model.onnx": models.logistic()} | files)

    finding = findings(check)["versions"]
    assert (check.state, finding.outcome) == ("passed", outcome)
    assert says in finding.sentence


@pytest.mark.django_db
def test_an_upload_larger_than_allowed_is_refused_at_once(settings):
    settings.INFRA_MAX_BYTES = 10

    with pytest.raises(Invalid, match="larger than the 10 bytes") as refused:
        requested()

    assert (refused.value.field, refused.value.code) == ("artifact", "too_large")
