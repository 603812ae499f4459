"""Policies in a folder: written, checked and taken over by `manage.py policies`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.policies.models import PolicyVersion
from governance.policies.queries import published_version
from tests.accounts.factories import UserFactory
from tests.policies.factories import policy_text, published
from tests.policies.test_inheritance import BASE, OWN

pytestmark = pytest.mark.django_db


@pytest.fixture
def editors():
    return [UserFactory(username=name, groups=["policy editor"]) for name in ("pia", "paz")]


def run(*words):
    """Returns what the command wrote: out, err and its exit code."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("policies", *map(str, words), stdout=out, stderr=err)
    except CommandError as refused:
        code = refused.returncode
    return out.getvalue(), err.getvalue(), code


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text)


def test_what_is_exported_imports_without_a_change(editors, tmp_path):
    published(editors[0], name="credit")
    published(editors[0], name="loans", applies_to="{tiers: [2]}")

    written, _, _ = run("export", tmp_path)
    again, _, _ = run("export", tmp_path)
    taken, _, code = run("import", tmp_path, "--user", "pia")

    assert written == "credit.yaml written\nloans.yaml written\n"
    assert (again, code) == ("", 0)
    assert taken == "credit.yaml: credit v1 is unchanged.\nloans.yaml: loans v1 is unchanged.\n"
    assert PolicyVersion.objects.count() == 2


def test_a_changed_file_becomes_a_draft(editors, tmp_path):
    published(editors[0], name="credit")
    write(tmp_path, credit=policy_text("auc floor: auc at least 0.8"))

    out, _, _ = run("import", tmp_path, "--user", "pia")
    again, _, _ = run("import", tmp_path, "--user", "pia")

    assert out == "credit.yaml: credit v2 is drafted.\n"
    assert again == "credit.yaml: credit v2 is unchanged.\n"


def test_base_and_what_extends_it_are_published_in_their_order(editors, tmp_path):
    write(tmp_path, organisation_base=BASE, credit=OWN)

    out, err, code = run("import", tmp_path, "--user", "pia", "--publish-as", "paz")

    assert (err, code) == ("", 0)
    assert out.splitlines() == [
        "organisation-base.yaml: organisation-base v1 is in force.",
        "credit.yaml: credit v1 is in force.",
    ]
    assert published_version("credit").published_by == editors[1]


def test_one_person_alone_publishes_nothing(editors, tmp_path):
    write(tmp_path, credit=policy_text())

    _, err, code = run("import", tmp_path, "--user", "pia", "--publish-as", "pia")

    assert code == 1
    assert "credit.yaml: You wrote the text of credit v1" in err


def test_problems_are_told_line_by_line_and_nothing_is_taken(editors, tmp_path):
    write(
        tmp_path,
        credit=policy_text("auc floor: auk at least 0.8"),
        loans=policy_text(name="lones"),
        good=policy_text(name="good"),
        bomb="a: &a [x, x]\nb: *a\n",
        large="# " + "x" * 1_048_577,
        huge=policy_text(name="huge") + "#" * 70_000,
    )
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")

    _, unreadable, code = run("import", tmp_path, "--user", "pia")
    for name in ("bytes", "large"):
        (tmp_path / f"{name}.yaml").unlink()
    _, err, _ = run("import", tmp_path, "--check")

    assert code == 1
    assert unreadable.splitlines() == [
        "bytes.yaml: The file is not text in UTF-8.",
        "large.yaml: The file is larger than 1 MB.",
    ]
    assert sorted(err.splitlines()) == [
        "bomb.yaml:1:4: Anchors and aliases are not accepted.",
        "credit.yaml:6:6: “auc floor”: the metric “auk” is not known; did you mean “auc”?",
        "huge.yaml: A policy has at most 64 kB of text.",
        "loans.yaml: The text says “policy: lones”, but the file is loans.",
    ]
    assert not PolicyVersion.objects.exists()


def test_checking_looks_at_the_base_of_the_folder_before_the_one_in_force(editors, tmp_path):
    published(editors[0], name="organisation-base")
    write(
        tmp_path,
        organisation_base=BASE.replace("0.75", "0.90"),
        credit=OWN + 'rules: ["auc floor: auc at least 0.80"]\n',
    )

    _, err, _ = run("import", tmp_path, "--check")

    assert err.strip() == (
        "credit.yaml:4:10: This asks for less than organisation-base v2: Rule “auc floor”: "
        "bound 0.90 → 0.80."
    )


def test_files_that_extend_one_another_are_refused(editors, tmp_path):
    write(
        tmp_path,
        credit=OWN.replace("organisation-base", "loans"),
        loans=OWN.replace("credit", "loans").replace("organisation-base", "credit"),
    )

    _, err, code = run("import", tmp_path, "--check")

    assert code == 1
    assert "These extend one another" in err


def test_people_and_folders_that_are_not_there_are_named(editors, tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("policies", "import", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="Say with --user"):
        call_command("policies", "import", str(tmp_path))
    with pytest.raises(CommandError, match="no active user nobody"):
        call_command("policies", "import", str(tmp_path), "--user", "nobody")
