"""What holds the house together: imports, migrations, and nothing of one machine in the files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parent.parent
# Written in pieces, so that this file does not find itself.
FOREIGN = {
    "address of a package index": r"(?:index|find)-(?:url|links)\s*[=:]|pypi\.org/simple|files\.pythonhosted",
    "path of one machine": r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt/pypi)/",
}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".yaml",
    ".yml",
    ".html",
    ".txt",
    ".sh",
    ".json",
    ".cfg",
    "",
}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a clone: git knows no files here")
    paths = [PROJECT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


def test_imports_point_down():
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([linter, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_carries(what):
    found = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        if path.suffix in TEXT and "vendor" not in path.parts
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(FOREIGN[what], line)
    ]

    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_every_package_with_a_hash_and_no_address(name):
    text = (PROJECT / name).read_text()
    packages = re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)
    unlocked = re.findall(r"^[a-z0-9][^\n]*(?<!\\)$", text, re.MULTILINE)

    assert len(packages) > 30
    assert unlocked == []
    assert "://" not in text


@pytest.mark.parametrize("package", ["governance", "registry", "raci"])
def test_every_module_begins_with_a_sentence(package):
    silent = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / package).rglob("*.py"))
        if "migrations" not in path.parts
        and path.name not in ("__init__.py", "apps.py")
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_web_and_api_doors_are_checked_at_start():
    call_command("check", fail_level="WARNING")
