"""Only the services write pointers, and nobody puts the triggers of history to sleep."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITES = re.compile(
    r"\b(Alias|AliasMove)(\(|\.objects\.(create|bulk_create|update_or_create|get_or_create))"
    r"|\balias(es)?\.(save|delete|create|update|set|add)\("
    r"|\b(Alias|AliasMove)\.objects\.[^\n]*\.(update|delete)\("
)


def sources():
    for folder in ("registry", "raci", "governance"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def test_only_the_services_write_pointers():
    writers = {
        name
        for name, text in sources()
        if WRITES.search(re.sub(r"class \w+\(.*", "", text))
        and not name.startswith("registry/services/")
    }

    assert writers == set()


def test_the_services_are_found_by_this_test():
    assert any(
        WRITES.search(text) for name, text in sources() if name.startswith("registry/services/")
    )


def test_nobody_ignores_the_triggers():
    assert [name for name, text in sources() if "pgtrigger.ignore" in text] == []
