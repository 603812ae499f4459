"""Has modelscan look into files that could run code when they are loaded; nothing is loaded."""

import pickletools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOST_TOLD = 50


def run(task: Mapping[str, Any], tell: Callable[..., None]) -> None:
    """Tells of every file what was found, or why it could not be looked into to the end."""
    import modelscan
    from modelscan.modelscan import ModelScan

    folder = Path(task["folder"])
    tell("scanner", version=modelscan.__version__)
    for name in task["files"]:
        tell("scanned", **_scan(ModelScan(), folder / name, name))


def _scan(scanner: Any, path: Path, name: str) -> dict[str, Any]:
    report = scanner.scan(path)
    found = [
        f"{one.get('operator', 'code')} of {one.get('module', 'unknown')}"
        for one in report["issues"]
    ]
    gaps = [str(one.get("message") or one.get("description")) for one in report["errors"]]
    gaps += [one["description"] for one in report["summary"]["skipped"]["skipped_files"]]
    if not gaps and not found and _is_pickle(path) and not _ends_as_pickles(path):
        gaps.append("What follows the first pickle in it could not be read.")
    return {
        "file": name,
        "found": sorted({one[:200] for one in found})[:MOST_TOLD],
        "gaps": [one[:300] for one in gaps][:MOST_TOLD],
        "looked": report["summary"]["scanned"]["total_scanned"],
    }


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(2)
    return start[:1] == b"\x80" or path.suffix in {".pkl", ".pickle", ".joblib", ".dill"}


def _ends_as_pickles(path: Path) -> bool:
    """modelscan stops quietly where a second pickle is broken; this does not."""
    with path.open("rb") as file:
        size = path.stat().st_size
        try:
            while file.tell() < size:
                for _ in pickletools.genops(file):
                    pass
        except Exception:
            return False
    return True
