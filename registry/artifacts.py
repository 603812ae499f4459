"""The digest of an artifact of many files: pure, so that anybody can compute it again."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from registry import validation
from registry.errors import Invalid

MOST_FILES = 10_000


def manifest_digest(files: Iterable[Mapping[str, Any]]) -> str:
    """sha256 over one line a file, `<sha256> <size> <path>`, in the order of the paths."""
    lines = sorted(
        (one["path"], f"{one['sha256']} {one['size']} {one['path']}\n") for one in files
    )
    return f"sha256:{hashlib.sha256(''.join(line for _, line in lines).encode()).hexdigest()}"


def clean_files(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The files by path, each with its size in bytes and its sha256; refuses a path given twice."""
    clean = [
        {
            "path": validation.word(str(one["path"]), "files", longest=1000),
            "size": int(one["size"]),
            "sha256": _sha256(str(one["sha256"])),
        }
        for one in files
    ]
    if len({one["path"] for one in clean}) < len(clean):
        raise Invalid("An artifact names each file once.", field="files")
    if len(clean) > MOST_FILES:
        raise Invalid(f"An artifact has at most {MOST_FILES:,} files.", field="files")
    return sorted(clean, key=lambda one: one["path"])


def _sha256(value: str) -> str:
    return validation.digest(f"sha256:{value.removeprefix('sha256:')}", "files").partition(":")[
        2
    ]
