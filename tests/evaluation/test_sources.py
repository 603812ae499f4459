import os

import pytest
import requests

from governance.errors import Invalid
from governance.evaluation import sources

ROOT = "https://data.example.org/predictions/"


def quiet(done, total, text):
    pass


@pytest.fixture
def root(settings, tmp_path):
    """A folder that is open for predictions, beside one that is not."""
    (tmp_path / "open").mkdir()
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "secret.csv").write_text("secret")
    settings.EVALUATION_ROOTS = [str(tmp_path / "open")]
    return tmp_path / "open"


def test_a_file_under_a_root_is_found(root):
    (root / "june.csv").write_text("x")

    assert sources.resolved_path(str(root / "june.csv")) == root / "june.csv"


@pytest.mark.parametrize(
    "path", ["../closed/secret.csv", "link.csv", "linked/secret.csv", "../openness.csv"]
)
def test_nothing_outside_a_root_is_found_by_any_way(root, path):
    os.symlink(root.parent / "closed" / "secret.csv", root / "link.csv")
    os.symlink(root.parent / "closed", root / "linked")
    (root.parent / "openness.csv").write_text("x")

    with pytest.raises(Invalid, match="outside the folders"):
        sources.resolved_path(str(root / path))


def test_outside_a_root_it_is_not_told_whether_a_file_exists(root):
    sentences = set()
    for name in ("secret.csv", "nothing.csv"):
        with pytest.raises(Invalid) as refusal:
            sources.resolved_path(str(root.parent / "closed" / name))
        sentences.add(refusal.value.sentence)

    assert len(sentences) == 1


@pytest.mark.parametrize("path", ["nothing.csv", "", "a\0b", "x" * 5000])
def test_what_is_not_a_file_is_refused(root, path):
    with pytest.raises(Invalid):
        sources.resolved_path(f"{root}/{path}")


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        (ROOT + "june.parquet", True),
        (ROOT + "2024/june.parquet?signature=a..b", True),
        ("http://data.example.org/predictions/june.parquet", False),
        ("https://data.example.org/other/june.parquet", False),
        ("https://data.example.org/predictions-of-others/june.parquet", False),
        ("https://data.example.org.evil.example/predictions/june.parquet", False),
        ("https://user@data.example.org/predictions/june.parquet", False),
        (ROOT + "../other/june.parquet", False),
        (ROOT + "%2e%2e/other/june.parquet", False),
        (ROOT + "%252e%252e/other/june.parquet", True),
        (ROOT + "..\\other/june.parquet", False),
        ("file:///etc/passwd", False),
        ("https://[broken/predictions", False),
    ],
)
@pytest.mark.parametrize("prefix", [ROOT, ROOT.rstrip("/")])
def test_only_addresses_under_a_prefix_are_open(settings, prefix, url, is_open):
    settings.EVALUATION_ROOTS = [prefix]

    if is_open:
        sources.check_url(url)
    else:
        with pytest.raises(Invalid):
            sources.check_url(url)


class Answer:
    """What a web server says."""

    def __init__(self, body=b"", status=200, headers=None):
        self.body, self.status_code, self.headers = body, status, headers or {}
        self.is_redirect = "Location" in self.headers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def iter_content(self, size):
        return iter([self.body[i : i + 100] for i in range(0, len(self.body), 100)])


@pytest.fixture
def web(settings, monkeypatch):
    """A web of answers by address; what was asked for is in `web.asked`."""
    settings.EVALUATION_ROOTS = [ROOT]
    answers = {}
    asked = []

    def get(url, **options):
        assert options["allow_redirects"] is False
        asked.append(url)
        if url not in answers:
            raise requests.ConnectionError(url)
        return answers[url]

    monkeypatch.setattr(requests, "get", get)
    answers["asked"] = asked
    return answers


def test_an_address_is_downloaded_with_its_digest(web, tmp_path):
    web[ROOT + "june"] = Answer(b"hello")

    file, digest = sources.download(ROOT + "june", tmp_path, quiet)

    assert file.read_bytes() == b"hello"
    assert digest == sources.digest_of(file, quiet)


def test_a_redirect_within_the_prefix_is_followed(web, tmp_path):
    web[ROOT + "june"] = Answer(headers={"Location": "2024/june"})
    web[ROOT + "2024/june"] = Answer(b"hello")

    assert sources.download(ROOT + "june", tmp_path, quiet)[0].read_bytes() == b"hello"


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/", "http://169.254.169.254/latest", "/other/june", "../other"],
)
def test_a_redirect_to_elsewhere_is_not_followed(web, tmp_path, location):
    web[ROOT + "june"] = Answer(headers={"Location": location})

    with pytest.raises(Invalid, match="outside"):
        sources.download(ROOT + "june", tmp_path, quiet)

    assert web["asked"] == [ROOT + "june"]


def test_redirecting_in_circles_ends(web, tmp_path):
    web[ROOT + "june"] = Answer(headers={"Location": "june"})

    with pytest.raises(Invalid, match="redirects too often"):
        sources.download(ROOT + "june", tmp_path, quiet)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5000"}, {"Content-Length": "5"}])
def test_a_download_stops_at_the_limit_whatever_the_server_says(
    web, settings, tmp_path, headers
):
    settings.EVALUATION_MAX_BYTES = 1000
    web[ROOT + "june"] = Answer(b"x" * 5000, headers=headers)

    with pytest.raises(Invalid, match="larger than the 1000 bytes"):
        sources.download(ROOT + "june", tmp_path, quiet)


@pytest.mark.parametrize(
    ("answer", "told"), [(Answer(status=404), "status 404"), (None, "Connection")]
)
def test_an_address_that_does_not_answer_is_told(web, tmp_path, answer, told):
    if answer:
        web[ROOT + "june"] = answer

    with pytest.raises(Invalid, match=told):
        sources.download(ROOT + "june", tmp_path, quiet)


def test_what_an_address_gave_is_kept_as_evidence(web, settings, tmp_path):
    from django.core.files.storage import default_storage

    web[ROOT + "june"] = Answer(b"hello")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        with sources.local_file(
            "url", ROOT + "june", "predictions/7", scratch=tmp_path / folder, progress=quiet
        ) as (file, _):
            assert file.read_bytes() == b"hello"

    with default_storage.open("predictions/7") as kept:
        assert kept.read() == b"hello"
    assert web["asked"] == [ROOT + "june"]


def test_a_name_full_of_patterns_is_only_a_name(root, tmp_path):
    (root / "age=7").mkdir()
    odd = root / "age=7" / "[a-z]*.csv"
    odd.write_text("x")

    with sources.local_file("path", str(odd), "", scratch=tmp_path, progress=quiet) as (
        file,
        _,
    ):
        assert file.name == "predictions"
        assert file.read_text() == "x"


def test_scratch_left_by_a_killed_worker_is_removed_after_a_day(settings, tmp_path):
    settings.HOME = tmp_path
    for name, age in (("old", 2 * 24 * 3600), ("new", 60)):
        folder = tmp_path / "scratch" / name
        folder.mkdir(parents=True)
        then = folder.stat().st_mtime - age
        os.utime(folder, (then, then))

    with sources.scratch_folder():
        left = {folder.name for folder in (tmp_path / "scratch").iterdir()}

    assert "new" in left
    assert "old" not in left
