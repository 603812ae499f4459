"""A judgement as plain data that can be judged again: canonical JSON, digest; no database."""

import json
from datetime import date
from hashlib import sha256

from governance import __version__
from governance.blessing.figures import Baseline, Difference, Figure, Measurements
from governance.blessing.judge import Exemption, Judgement, Part, Result, judge
from governance.policies.document import read

FORMAT = 1
# Raise it whenever the same inputs may come to another verdict or sentence than before.
JUDGE = 3
CODE_VERSION = f"imprimatur {__version__}, judge {JUDGE}"

FIGURE = ("metric", "slice_field", "slice_value", "value", "low", "high", "n", "positives")
# What was frozen before slices were compared has neither name of a slice.
SLICE = ("slice_field", "slice_value")
DIFFERENCE = ("metric", "value", "low", "high", "method", "n", "sentence", *SLICE)


def judge_inputs(inputs: dict) -> Judgement:
    """Judges from frozen inputs alone: the policy's text and the figures in them."""
    policy = inputs["policy"]
    document = read(policy["text"])
    return judge(
        document.rules,
        Measurements(
            _figures(inputs["measurements"]), inputs["age_days"], inputs.get("missing", {})
        ),
        _baseline(inputs["baseline"]),
        mode=document.interval,
        against=f"{policy['name']} v{policy['number']}",
        exemptions=[_exemption(one) for one in inputs.get("exceptions", ())],
    )


def freeze(inputs: dict) -> dict:
    """Adds the judgement to the inputs it follows from."""
    judgement = judge_inputs(inputs)
    return {**inputs, "judgement": judgement_json(judgement)}


def thaw(frozen: dict) -> dict:
    """Returns the inputs alone."""
    return {key: value for key, value in frozen.items() if key != "judgement"}


def digest(frozen: dict) -> str:
    return f"sha256:{sha256(canonical(frozen).encode()).hexdigest()}"


def canonical(value: object) -> str:
    """Returns the one JSON text of a value: keys sorted, no spaces, numbers in one spelling."""
    plain = _plain(value)
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _plain(value: object) -> object:
    """PostgreSQL gives 1.0 back as 1.0 but 1e22 as an integer: whole numbers become integers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def judgement_json(judgement: Judgement) -> dict:
    return {
        "verdict": judgement.verdict.value,
        "sentence": judgement.sentence,
        "rules": [result_json(result) for result in judgement.results],
    }


def result_json(result: Result) -> dict:
    """Returns the fields of a RuleResult."""
    return {
        "name": result.rule.name,
        "text": str(result.rule),
        "severity": result.rule.severity.value,
        "outcome": result.outcome.value,
        "sentence": result.sentence,
        **part_json(result.deciding),
        "parts": [
            {"outcome": part.outcome.value, **part_json(part)}
            for part in result.parts
            if len(result.parts) > 1
        ],
        **_exception_json(result.exemption),
    }


def _exception_json(exemption: Exemption | None) -> dict:
    """Nothing where no exception was needed, as in what was frozen before there were any."""
    if exemption is None:
        return {}
    return {"exception": {"id": exemption.id, "until": exemption.until.isoformat()}}


def part_json(part: Part) -> dict:
    figure = part.figure or Figure("")
    bounds = [one for one in (part.low_bound, part.high_bound) if abs(one) != float("inf")]
    return {
        "value": figure.value if figure.is_defined else None,
        "low": figure.interval[0] if figure.interval else None,
        "high": figure.interval[1] if figure.interval else None,
        "n": figure.n,
        "positives": figure.positives,
        "bound": bounds[0] if bounds else None,
        "slice": figure.label,
    }


def figure_json(figure: Figure) -> dict:
    known = {name: getattr(figure, name) for name in FIGURE}
    return known if figure.chance is None else {**known, "chance": figure.chance}


def difference_json(difference: Difference) -> dict:
    return {
        **{name: getattr(difference, name) for name in DIFFERENCE},
        "told_apart": difference.is_told_apart,
    }


def _figures(rows: list[dict]) -> list[Figure]:
    return [
        Figure(**{name: row[name] for name in FIGURE}, chance=row.get("chance")) for row in rows
    ]


def _exemption(data: dict) -> Exemption:
    return Exemption(data["id"], data["text"], date.fromisoformat(data["until"]))


def _baseline(data: dict) -> Baseline:
    return Baseline(
        data["state"],
        data["label"],
        data["sentence"],
        Measurements(_figures(data["measurements"])),
        [
            Difference(**{name: row[name] for name in DIFFERENCE if name in row})
            for row in data["differences"]
        ],
    )
