"""What is done with an artifact, in order: its digest, the scan, the trial in a child, its requirements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from governance.errors import Invalid
from governance.infra import artifacts, findings, requirements, running
from governance.infra.artifacts import Brought
from governance.infra.findings import FAIL, UNDEFINED, Finding, Limits, Tried

SCAN_SECONDS, SCAN_MEGABYTES = 120, 1024
REQUIREMENTS = ("requirements.txt", "requirements.lock")
ENVIRONMENTS = ("conda.yaml", "python_env.yaml")
OF_A_TRIAL = (
    "opens", "schema", "finite", "range", "same", "latency_p95", "latency_batch",
    "memory_peak", "golden",
)  # fmt: skip

Tick = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """The limits, and the arrays of rows that were sent; `expected` is for the golden ones."""

    limits: Limits
    rows: Path | None = None
    golden: Path | None = None
    expected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """All that one check found out, ready to be stored."""

    digest: str
    findings: list[Finding]
    isolation: list[str] = field(default_factory=list)
    ran_with: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        return findings.verdict(self.findings)


def look_into(brought: Brought, known_digest: str, asked: Asked, tick: Tick) -> Checked:
    """Tries the artifact; files that are not those that were registered are not even scanned."""
    digest = findings.of_digest(known_digest, brought.digests)
    shown = known_digest if known_digest in brought.digests else brought.digest
    if digest.outcome == FAIL:
        reason = "Not opened: these are not the registered files."
        rest = findings.skipped(["scan", *OF_A_TRIAL, "versions"], reason)
        return Checked(shown, findings.in_order([digest, *rest]))
    model = artifacts.model_file(brought)
    tried = _try(brought, model, asked, tick) if model else None
    scan = _scan(brought, model, tried, tick)
    found = [digest, scan, *_of_trial(tried, brought, asked)]
    confined = tried.events.get("confined", {}) if tried else {}
    ran_with = dict(confined.get("versions", {}))
    found.append(findings.of_requirements(_declared(brought), ran_with))
    return Checked(
        shown, findings.in_order(found), list(confined.get("measures", [])), ran_with
    )


def _try(brought: Brought, model: str, asked: Asked, tick: Tick) -> Tried:
    task = {
        "kind": "try",
        "folder": str(brought.folder.parent),
        "model": str(brought.folder / model),
        "rows": str(asked.rows) if asked.rows else "",
        "golden": str(asked.golden) if asked.golden else "",
        "expected": dict(asked.expected),
    }
    limits = asked.limits
    told = running.run(task, seconds=limits.seconds, megabytes=limits.memory_mb, tick=tick)
    return Tried(
        {one["event"]: one for one in told.events},
        told.ended,
        told.seconds,
        told.peak,
        told.code,
    )


def _of_trial(tried: Tried | None, brought: Brought, asked: Asked) -> list[Finding]:
    if tried is None:
        pickles = [path for path in brought.paths if artifacts.may_be_pickled(path)]
        what = (
            f"{pickles[0]} is scanned, not opened" if pickles else "there is no ONNX file in it"
        )
        sentence = f"Only ONNX models are opened here, since loading others runs code; {what}."
        reason = "Not tried: there is no ONNX model to open."
        return [
            Finding("opens", UNDEFINED, sentence),
            *findings.skipped(OF_A_TRIAL[1:], reason),
        ]
    return findings.of_trial(tried, asked.limits, has_golden=asked.golden is not None)


def _scan(brought: Brought, model: str, tried: Tried | None, tick: Tick) -> Finding:
    """Scans last, since only the model says which files are its weights."""
    structure = tried.events.get("structure", {}) if tried else {}
    beside = Path(model).parent
    weights = [(beside / name).as_posix() for name in structure.get("outside", [])]
    asked = artifacts.to_scan(brought, known=[model, *weights] if model else [])
    if not asked:
        return findings.of_scan([], [], version="", is_whole=True)
    tick("scan")
    told = running.run(
        {"kind": "scan", "folder": str(brought.folder), "files": asked},
        seconds=SCAN_SECONDS,
        megabytes=SCAN_MEGABYTES,
        tick=lambda step: tick("scan"),
    )
    whole = told.ended == "whole" and told.event("problem") is None
    version = (told.event("scanner") or {}).get("version", "")
    return findings.of_scan(asked, told.all("scanned"), version=version, is_whole=whole)


def _declared(brought: Brought) -> dict[str, str]:
    return requirements.declared(
        (artifacts.text_of(brought, path) for path in REQUIREMENTS),
        (artifacts.description(brought, path) for path in ENVIRONMENTS),
    )


def problem_of(error: Invalid, known_digest: str) -> Checked:
    """An artifact that cannot be brought is a finding, too: nothing was opened."""
    digest = Finding("digest", FAIL, f"{error.sentence} Nothing was opened.")
    rest = findings.skipped(["scan", *OF_A_TRIAL, "versions"], "Not opened.")
    return Checked(known_digest, findings.in_order([digest, *rest]))
