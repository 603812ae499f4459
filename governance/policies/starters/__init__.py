"""Policies to begin with: whole texts, proved by a test to check without problems; nothing is stored."""

from dataclasses import dataclass
from pathlib import Path

from governance.policies.document import read

TITLES = {
    "credit": ("Credit, tier 1", "Decisions about people: groups, costs, two signatures."),
    "forecasting": ("Forecasting, tier 2", "Amounts: errors, bias, regions, one signature."),
    "internal-tool": ("Internal tool, tier 3", "A person decides: a floor and one signature."),
    "language-model": (
        "Language model application",
        "Figures your test bench reports: groundedness, harm, leaks.",
    ),
}


@dataclass(frozen=True)
class Starter:
    """A text to begin a policy with, and what it is for."""

    key: str
    title: str
    description: str
    text: str

    @property
    def name(self) -> str:
        """The name that the policy has in the text."""
        return read(self.text).policy


def starters() -> list[Starter]:
    return [starter for key in TITLES if (starter := find_starter(key))]


def find_starter(key: str) -> Starter | None:
    """Returns the text of that key; keys that are not listed lead nowhere, least of all to files."""
    if key not in TITLES:
        return None
    title, description = TITLES[key]
    text = (Path(__file__).parent / f"{key}.yaml").read_text()
    return Starter(key, title, description, text)
