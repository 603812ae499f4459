"""Reads one task from standard input, gives its rights away, does it, tells of it in lines of JSON.

Run as `python -I …/sandbox`; the lines go to what was standard output, everything else nowhere.
"""

import json
import os
import sys
from typing import Any

import confinement

LONGEST_TASK = 1_000_000


def main() -> int:
    task = json.loads(sys.stdin.buffer.read(LONGEST_TASK))
    line = _own_output()
    status = _status()
    measures = confinement.confine(
        [*confinement.libraries(), task["folder"]], seconds=task["seconds"]
    )

    def tell(event: str, **facts: Any) -> None:
        told = {"event": event, **facts, "peak": _peak(status)}
        line.write(json.dumps(told).encode() + b"\n")
        line.flush()

    _load(task["kind"])
    empty = _read(status)
    tell(
        "confined",
        measures=measures,
        empty=confinement.memory(empty, "VmRSS"),
        versions=_versions(),
    )
    if empty:
        confinement.bound_memory(task["megabytes"], empty)
    try:
        _do(task, tell)
    except MemoryError:
        tell("memory")
    except Exception as error:
        _tell_problem(error, tell)
    tell("end")
    return 0


def _load(kind: str) -> None:
    """Loads the libraries before memory is bounded and measured."""
    import numpy  # noqa: F401

    if kind == "try":
        import onnxruntime

        onnxruntime.disable_telemetry_events()


def _do(task: dict[str, Any], tell: Any) -> None:
    if task["kind"] == "scan":
        import scan

        scan.run(task, tell)
    else:
        import trial

        trial.Trial(task, tell).run()


def _tell_problem(error: Exception, tell: Any) -> None:
    """What is wrong in our own words where there are some, else in those of the library."""
    text, kind = str(error)[:1000], type(error).__name__
    if any(
        word in text.lower() for word in ("bad_alloc", "failed to allocate", "out of memory")
    ):
        tell("memory")
    elif kind in ("Unreadable", "Unfit"):
        tell("problem", kind=kind.lower(), text=text)
    else:
        tell("problem", kind="broken", text=f"{kind}: {text}")


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in ("onnxruntime", "numpy", "modelscan"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _own_output() -> Any:
    """Keeps standard output for itself, so that what libraries print is not mistaken for an answer."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return own


def _status() -> Any:
    """Opened before files are out of reach; nothing on systems that have none."""
    try:
        return open("/proc/self/status")
    except OSError:
        return None


def _read(status: Any) -> str:
    if status is None:
        return ""
    status.seek(0)
    return status.read()


def _peak(status: Any) -> int:
    """The most memory the process ever held, in bytes."""
    if status is not None:
        return confinement.memory(_read(status), "VmHWM")
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    sys.exit(main())
