"""Frozen evidence as a reader meets it; reads only what was frozen, never what is true today."""

from dataclasses import dataclass, field
from datetime import date

from governance.blessing.verdicts import Outcome
from governance.metrics import title

# The database keeps no order of keys in what was frozen.
WRITTEN = ("overview", "intended_use", "out_of_scope", "limitations")
FIRST = ("cost", "auc", "selection_rate", "brier_skill", "ece", "prevalence")

# The pieces of an account a question can be about, with what a reader calls them.
PIECES = [
    ("use_case", "The need and the KPIs"),
    ("facts", "The facts"),
    ("changes", "What changes"),
    ("blessing", "Rules and verdict"),
    ("evaluation", "What was measured"),
    ("card", "The model card"),
    ("version", "The version and its origin"),
    ("policy", "The policy"),
]


@dataclass(frozen=True)
class Figure:
    """One frozen figure, shaped like a measurement."""

    title: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Evidence:
    """The frozen account of a version, in the order of questions an approver asks."""

    frozen: dict = field(repr=False)

    @property
    def blessing(self) -> dict:
        return self.frozen.get("blessing", {})

    @property
    def rules(self) -> list[dict]:
        """What needs a look first: everything that did not pass."""
        return sorted(
            self.blessing.get("rules", []), key=lambda rule: rule["outcome"] == "pass"
        )

    @property
    def concerns(self) -> list[dict]:
        return [rule for rule in self.rules if rule["outcome"] != Outcome.PASS]

    @property
    def exceptions(self) -> list[dict]:
        """Who answers for rules that stayed red; requests opened before there were any have none."""
        found = self.blessing.get("exceptions", [])
        return [{**one, "until": date.fromisoformat(one["until"])} for one in found]

    @property
    def comparison(self) -> list[dict]:
        """What differs on all rows; the groups are on the page of comparisons."""
        found = self.blessing.get("comparison") or []
        return [row for row in found if not row.get("slice_field")]

    @property
    def use_case(self) -> dict:
        return self.frozen.get("use_case", {})

    @property
    def facts(self) -> list[dict]:
        """What there is to know where nothing was measured: a title and a text each."""
        return self.frozen.get("facts", [])

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The pieces that this account has."""
        return [(key, title) for key, title in PIECES if key in self.frozen]

    @property
    def version(self) -> dict:
        return self.frozen.get("version", {})

    @property
    def contributors(self) -> list[dict]:
        """Who made it or gave the evidence; requests opened before this was frozen have none."""
        return self.frozen.get("contributors", [])

    @property
    def evaluation(self) -> dict:
        return self.frozen.get("evaluation", {})

    @property
    def serving_now(self) -> str:
        return self.frozen.get("serving_now", "")

    @property
    def changes(self) -> list[dict]:
        """What differs from the account on which the serving version was cleared."""
        return self.frozen.get("changes", [])

    @property
    def figures(self) -> list[Figure]:
        """The figures of all rows together, the business's first."""
        overall = {
            row["metric"]: row
            for row in self.evaluation.get("figures", [])
            if not row["slice_field"] and row["metric"] != "n"
        }
        keys = [
            *(key for key in FIRST if key in overall),
            *(key for key in overall if key not in FIRST),
        ]
        return [_figure(overall[key]) for key in keys if overall[key]["value"] is not None]

    @property
    def card_texts(self) -> list[tuple[str, str]]:
        """What people wrote on the card, by title."""
        sections = self.frozen.get("card", {}).get("sections", {}).values()
        fields = {key: one for section in sections for key, one in section["fields"].items()}
        written = [fields[key] for key in WRITTEN if key in fields]
        return [(one["title"], one["value"]) for one in written if one["value"]]


def _figure(row: dict) -> Figure:
    return Figure(
        title=title(row["metric"]),
        value=row["value"],
        low=row["low"],
        high=row["high"],
        n=row["n"],
        method=row["method"],
        unit=row["unit"],
    )
