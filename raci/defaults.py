"""The default matrix that a new scope starts from; a proposal of ours, not a standard."""

import json
from functools import cache
from pathlib import Path

from raci.rules import Line

ROLE_TITLES = {
    "BO": "Business owner",
    "MO": "Model owner",
    "DS": "Data scientist",
    "DE": "Data engineer",
    "MLE": "ML engineer",
    "OPS": "MLOps engineer",
    "RV": "Risk and validation",
    "SEC": "IT security and privacy",
}
SEGREGATED = {"independent_validation", "approve_release", "grant_exception", "risk_tier"}


@cache
def default_matrix() -> dict:
    """Reads `{roles: [code], activities: [{stage, key, title, cells}]}`."""
    return json.loads((Path(__file__).parent / "default_matrix.json").read_text())


def default_grid() -> list[Line]:
    """The default as the rules see it."""
    return [
        Line(a["key"], a["title"], dict(a["cells"]), a["key"] in SEGREGATED)
        for a in default_matrix()["activities"]
    ]
