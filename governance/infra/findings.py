"""From what a child told to findings with a sentence each: pure functions over plain facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from governance.infra import requirements

PASS, FAIL, SKIPPED, UNDEFINED = "pass", "fail", "skipped", "undefined"
PASSED, FAILED, NOT_POSSIBLE = "passed", "failed", "not_possible"
MEGABYTE = 1024 * 1024

TITLES = {
    "digest": "The artifact is the one registered",
    "scan": "No code in the files beside the model",
    "opens": "Opens in the sandbox",
    "schema": "Takes rows, answers each",
    "finite": "No NaN, no infinity",
    "range": "Answers within range",
    "same": "The same answer twice",
    "latency_p95": "Latency of one row, p95",
    "latency_batch": "Latency of all rows at once, p95",
    "memory_peak": "Peak memory",
    "versions": "Libraries as declared",
    "golden": "Golden rows",
}
# Said, and left to people: it fails no check.
ADVISORY = {"versions"}


@dataclass(frozen=True)
class Finding:
    key: str
    outcome: str
    sentence: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Limits:
    """What was asked for; `low`, `high` and `p95_ms` may be left open."""

    seconds: int
    memory_mb: int
    p95_ms: float | None = None
    low: float | None = None
    high: float | None = None
    range_output: str = ""
    same_within: float = 0.0
    golden_within: float = 1e-6


@dataclass(frozen=True)
class Tried:
    """What is known of a trial: the child's words by event, how it ended, and its peak in bytes."""

    events: Mapping[str, Mapping[str, Any]]
    ended: str
    seconds: float
    peak: int
    code: int | None = None


def verdict(findings: Sequence[Finding]) -> str:
    """Passed only if the model was opened and nothing that was asked is open or broken."""
    counted = [one for one in findings if one.key not in ADVISORY]
    if any(one.outcome == FAIL for one in counted):
        return FAILED
    outcomes = {one.key: one.outcome for one in counted}
    needed = ("digest", "opens", "schema", "finite", "same", "memory_peak")
    open_ends = any(one.outcome == UNDEFINED for one in counted)
    if open_ends or any(outcomes.get(key) != PASS for key in needed):
        return NOT_POSSIBLE
    return PASSED


def skipped(keys: Sequence[str], sentence: str) -> list[Finding]:
    return [Finding(key, SKIPPED, sentence) for key in keys]


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """One finding a key, in the order of the titles."""
    by_key = {one.key: one for one in findings}
    return [by_key[key] for key in TITLES if key in by_key]


# before anything is opened


def of_digest(known: str, found: Sequence[str]) -> Finding:
    """Whether the files are those the registry knows; `found` are the digests they may go by."""
    if not known:
        return Finding(
            "digest",
            UNDEFINED,
            "The registry knows no digest of this version, so nobody can say whether this is the "
            f"artifact that was registered. These files have {found[0]}.",
        )
    if known in found:
        return Finding("digest", PASS, f"The files have the registered digest {known}.")
    return Finding(
        "digest",
        FAIL,
        f"The registry knows {known}; these files have {found[0]}. Nothing was opened.",
    )


def of_scan(
    asked: Sequence[str], told: Sequence[Mapping[str, Any]], *, version: str, is_whole: bool
) -> Finding:
    """What the scanner found; anything it could not look into to the end is no pass."""
    if not asked:
        return Finding("scan", PASS, "There is nothing beside the model that could hold code.")
    by_file = {one.get("file"): one for one in told}
    if bad := [one for one in told if one.get("found")]:
        names = "; ".join(f"{one['file']}: {', '.join(one['found'][:5])}" for one in bad[:5])
        return Finding(
            "scan",
            FAIL,
            f"modelscan found code that would run when loaded ({names[:800]}). Scanned, not opened.",
            value=len(bad),
            unit=_files(len(bad)),
        )
    gaps = [name for name in asked if not _is_clean(by_file.get(name))]
    if gaps or not is_whole:
        name = gaps[0] if gaps else asked[-1]
        why = ". ".join((by_file.get(name) or {}).get("gaps") or ["the scan did not end"])
        return Finding(
            "scan",
            UNDEFINED,
            f"{len(gaps) or 1} of {len(asked)} files could not be scanned to the end, {name} "
            f"among them: {why[:300].rstrip('.')}. Not opened.",
            value=len(gaps) or None,
            unit=_files(len(gaps)) if gaps else "",
        )
    return Finding(
        "scan",
        PASS,
        f"modelscan {version} knows no danger in {_plural(len(asked), 'file')} "
        f"({', '.join(asked[:5])[:300]}), which proves nothing against what it does not know. "
        "Scanned, not opened.",
        value=len(asked),
        unit=_files(len(asked)),
    )


def _files(count: int) -> str:
    return "file" if count == 1 else "files"


def _is_clean(one: Mapping[str, Any] | None) -> bool:
    return (
        bool(one) and not one.get("gaps") and not one.get("found") and one.get("looked", 0) > 0
    )


def of_requirements(wanted: Mapping[str, str], ran_with: Mapping[str, str]) -> Finding:
    if not wanted:
        return Finding("versions", SKIPPED, "The artifact declares no requirements.")
    compared, differ = requirements.differing(wanted, ran_with)
    told = f"{_plural(len(wanted), 'package')} declared"
    if not compared:
        return Finding(
            "versions",
            SKIPPED,
            f"{told}; none of them takes part in running an ONNX model here.",
        )
    if differ:
        return Finding(
            "versions",
            UNDEFINED,
            f"{'; '.join(differ)[:600]}. What was found here need not hold there.",
        )
    return Finding("versions", PASS, f"Tried with {' and '.join(compared)}, as declared.")


# after the trial


def of_trial(tried: Tried, limits: Limits, *, has_golden: bool) -> list[Finding]:
    """All findings that rest on the child; what it never came to is skipped and says why."""
    steps = [step for step in STEPS if step.event != "golden" or has_golden]
    found: list[Finding] = []
    stopped = ""
    for step in steps:
        if step.event in tried.events and not stopped:
            found += step.judge(tried.events[step.event], tried, limits)
        elif stopped:
            found += skipped(step.keys, stopped)
        else:
            stopped = f"Not reached; see “{TITLES[step.keys[0]]}”."
            sentence = f"{step.words}: {_why_ended(tried, limits)}"
            found.append(Finding(step.keys[0], FAIL, sentence))
            found += skipped(step.keys[1:], stopped)
    if not has_golden:
        found += skipped(["golden"], "No golden rows were sent.")
    return [*found, _memory(tried, limits)]


def _why_ended(tried: Tried, limits: Limits) -> str:
    problem = tried.events.get("problem")
    if problem:
        told = str(problem.get("text", ""))[:600]
        broke = problem.get("kind") == "broken"
        return f"onnxruntime refused it: {told}" if broke else told
    if tried.ended == "time":
        return f"it was ended after {limits.seconds} s, the limit."
    if tried.ended == "memory":
        return f"it was ended at {limits.memory_mb} MB of memory, the limit."
    return f"the child died ({_signal(tried.code)})."


def _signal(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _opens(told: Mapping[str, Any], tried: Tried, limits: Limits) -> list[Finding]:
    measures = tried.events.get("confined", {}).get("measures", [])
    structure = tried.events.get("structure", {})
    made_by = structure.get("producer") or "an unnamed producer"
    return [
        Finding(
            "opens",
            PASS,
            f"Opened with {', '.join(told.get('providers', []))}: "
            f"{_plural(int(structure.get('operators', 0)), 'operator')}, made by {made_by}. "
            f"Isolation in force: {'; '.join(measures)}.",
            value=_float(told.get("seconds")),
            limit=limits.seconds,
            unit="s",
        )
    ]


def _outputs(told: Mapping[str, Any], tried: Tried, limits: Limits) -> list[Finding]:
    outputs, rows = told["outputs"], int(told["rows"])
    return [
        _schema(outputs, rows, tried),
        _finite(outputs),
        _range(outputs, limits),
    ]


def _schema(outputs: Mapping[str, Any], rows: int, tried: Tried) -> Finding:
    made_up = tried.events.get("rows", {}).get("made_up", True)
    came = (
        "made up at random (seed 42) from the declared inputs" if made_up else "of the sample"
    )
    given = f"{_plural(rows, 'row')} {came}"
    wrong = [name for name, one in outputs.items() if _rows(one) != rows]
    if wrong:
        shape = outputs[wrong[0]]["shape"]
        return Finding(
            "schema",
            FAIL,
            f"Given {given}, output “{wrong[0]}” answers {_rows(outputs[wrong[0]])} (shape {shape}).",
            value=_rows(outputs[wrong[0]]),
            limit=rows,
            unit="rows",
        )
    shapes = ", ".join(f"{name} {one['kind']}{one['shape']}" for name, one in outputs.items())
    return Finding(
        "schema", PASS, f"Takes {given}; answers {shapes[:500]}.", value=rows, unit="rows"
    )


def _rows(output: Mapping[str, Any]) -> int:
    return int(output["shape"][0]) if output["shape"] else 1


def _finite(outputs: Mapping[str, Any]) -> Finding:
    unusable = {name: one.get("unusable", 0) for name, one in outputs.items()}
    bad = [name for name, count in unusable.items() if count]
    if bad:
        count = sum(unusable.values())
        return Finding(
            "finite",
            FAIL,
            f"{_plural(count, 'value')} in “{bad[0]}” {'is' if count == 1 else 'are'} NaN or infinite.",
            value=count,
            limit=0,
            unit="values",
        )
    return Finding(
        "finite", PASS, "Every value is a finite number.", value=0, limit=0, unit="values"
    )


def _range(outputs: Mapping[str, Any], limits: Limits) -> Finding:
    if limits.low is None and limits.high is None:
        return Finding("range", SKIPPED, "No range was asked for.")
    named = limits.range_output
    if named and named not in outputs:
        return Finding("range", FAIL, f"The model has no output “{named}”.")
    looked_at = {
        name: one
        for name, one in outputs.items()
        if (name == named if named else True)
        and one.get("fractions")
        and one["low"] is not None
    }
    if not looked_at:
        return Finding("range", UNDEFINED, "No output holds fractions that a range applies to.")
    low = min(one["low"] for one in looked_at.values())
    high = max(one["high"] for one in looked_at.values())
    within = f"from {_end(limits.low)} to {_end(limits.high)}"
    span = f"{', '.join(looked_at)[:200]} from {low:.6g} to {high:.6g}"
    if limits.low is not None and low < limits.low:
        return Finding("range", FAIL, f"{span}, not {within}.", value=low, limit=limits.low)
    if limits.high is not None and high > limits.high:
        return Finding("range", FAIL, f"{span}, not {within}.", value=high, limit=limits.high)
    return Finding("range", PASS, f"{span}, {within} as asked.", value=high, limit=limits.high)


def _end(bound: float | None) -> str:
    return "anything" if bound is None else f"{bound:g}"


def _same(told: Mapping[str, Any], tried: Tried, limits: Limits) -> list[Finding]:
    largest, other = _float(told.get("largest")) or 0.0, int(told.get("other", 0))
    asked = f"{limits.same_within:g} was allowed"
    if other or largest > limits.same_within:
        parts = (
            [f"numbers differ by up to {largest:.3g}"] if largest > limits.same_within else []
        )
        parts += [f"{_plural(other, 'value')} differ altogether"] if other else []
        sentence = f"Asked twice, {' and '.join(parts)}; {asked}."
        return [Finding("same", FAIL, sentence, value=largest, limit=limits.same_within)]
    sentence = f"Asked twice, the answers differ by {largest:.3g}; {asked}."
    return [Finding("same", PASS, sentence, value=largest, limit=limits.same_within)]


def _latency(told: Mapping[str, Any], tried: Tried, limits: Limits) -> list[Finding]:
    row = _timed("latency_p95", told["row"], limits.p95_ms, "one row")
    batch = _timed(
        "latency_batch", told["batch"], None, f"all {int(told['rows'])} rows at once"
    )
    return [row, replace(batch, outcome=PASS if batch.value is not None else SKIPPED)]


def _timed(key: str, told: Mapping[str, Any], limit: float | None, what: str) -> Finding:
    runs = int(told.get("runs", 0))
    if "p95" not in told:
        return Finding(
            key,
            UNDEFINED if limit is not None else SKIPPED,
            f"Only {_plural(runs, 'run')} of {what} fitted into the time; a p95 needs 20.",
            limit=limit,
            unit="ms",
        )
    p50, p95 = told["p50"], told["p95"]
    sentence = f"{what.capitalize()}: half of {runs} runs took {p50:.3g} ms or less, 95 % {p95:.3g} ms or less"
    if limit is None:
        return Finding(key, PASS, f"{sentence}. No limit was asked for.", value=p95, unit="ms")
    outcome = PASS if p95 <= limit else FAIL
    return Finding(key, outcome, f"{sentence}; {limit:g} ms was allowed.", p95, limit, "ms")


def _memory(tried: Tried, limits: Limits) -> Finding:
    peak = tried.peak / MEGABYTE
    empty = (_float(tried.events.get("confined", {}).get("empty")) or 0) / MEGABYTE
    if tried.ended == "memory" or peak > limits.memory_mb:
        was_ended = tried.ended == "memory"
        return Finding(
            "memory_peak",
            FAIL,
            f"It wanted more than the {limits.memory_mb} MB allowed and was ended."
            if was_ended
            else f"{peak:.0f} MB at most; {limits.memory_mb} MB were allowed.",
            value=peak,
            limit=limits.memory_mb,
            unit="MB",
        )
    if "again" not in tried.events:
        return Finding(
            "memory_peak",
            SKIPPED,
            f"{peak:.0f} MB until it ended, which says little.",
            limit=limits.memory_mb,
            unit="MB",
        )
    return Finding(
        "memory_peak",
        PASS,
        f"{peak:.0f} MB at most, of which the empty runtime takes {empty:.0f} MB.",
        value=peak,
        limit=limits.memory_mb,
        unit="MB",
    )


def _golden(told: Mapping[str, Any], tried: Tried, limits: Limits) -> list[Finding]:
    columns, rows = told["columns"], int(told["rows"])
    largest = max(one["largest"] for one in columns.values())
    other = sum(one["other"] for one in columns.values())
    what = f"{_plural(rows, 'golden row')}, {', '.join(columns)[:200]}"
    if other or largest > limits.golden_within:
        worst = f"off by up to {largest:.3g}" if largest > limits.golden_within else ""
        wrong = f"{_plural(other, 'answer')} not the stored one" if other else ""
        sentence = f"{what}: {' and '.join(filter(None, [worst, wrong]))}; {limits.golden_within:g} was allowed."
        return [Finding("golden", FAIL, sentence, value=largest, limit=limits.golden_within)]
    sentence = f"{what}: as stored, within {largest:.3g}; {limits.golden_within:g} was allowed."
    return [Finding("golden", PASS, sentence, value=largest, limit=limits.golden_within)]


@dataclass(frozen=True)
class Step:
    """What a trial does in turn: the findings that come of it, the event that tells of it, and who judges."""

    keys: tuple[str, ...]
    event: str
    words: str
    judge: Callable[[Mapping[str, Any], Tried, Limits], list[Finding]]


STEPS = [
    Step(("opens",), "opened", "Opening it", _opens),
    Step(("schema", "finite", "range"), "outputs", "Sending rows through it", _outputs),
    Step(("same",), "again", "Sending the same rows again", _same),
    Step(("latency_p95", "latency_batch"), "latency", "Timing it", _latency),
    Step(("golden",), "golden", "Sending the golden rows through it", _golden),
]


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
