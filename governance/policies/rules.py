"""What a rule is and how it reads, as text and as a sentence; reading it in is grammar.py."""

import dataclasses
import re
from decimal import Decimal
from enum import StrEnum

from governance.policies import vocabulary

# How the name of a crossing of two fields joins their names.
CROSSED = " x "
BARE_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
BARE_VALUE = re.compile(r"""[^\s"]+""")


class Comparison(StrEnum):
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BETWEEN = "between"


class Severity(StrEnum):
    MUST = "must"
    WARN = "warn"
    NOTE = "note"


class Mode(StrEnum):
    """What is held against the bound: the value, its interval's worse end, or its better end."""

    POINT = "point"
    SURE = "sure"
    NOT_WORSE = "not worse"


VERBS = {Severity.MUST: "must be", Severity.WARN: "should be", Severity.NOTE: "is compared:"}
ENDINGS = {
    Severity.MUST: "otherwise the version is not blessed",
    Severity.WARN: "otherwise the verdict carries a warning",
    Severity.NOTE: "this never changes the verdict",
}
MODES = {
    Mode.POINT: "",
    Mode.SURE: ", with the whole interval on the right side",
    Mode.NOT_WORSE: ", unless the interval reaches the right side",
}


@dataclasses.dataclass(frozen=True)
class Rule:
    """One line of a policy.

    `measure` is "metric", "gap", "ratio", "psi" or "js". Exactly one kind of bound is set:
    `bound` (with `upper` for between), `baseline_change` (added to the baseline) or
    `relative` (a share of the baseline, 0.97 for "97% of baseline").
    """

    name: str
    measure: str
    metric: str
    comparison: Comparison
    field: str = ""
    bound: float | None = None
    upper: float | None = None
    baseline_change: float | None = None
    relative: float | None = None
    slice_fields: tuple[str, ...] = ()
    slice_value: str | None = None
    needs_rows: int = 0
    needs_positives: int = 0
    severity: Severity = Severity.MUST
    mode: Mode | None = None
    text: str = dataclasses.field(default="", compare=False)

    @property
    def is_relative(self) -> bool:
        return self.baseline_change is not None or self.relative is not None

    @property
    def is_must(self) -> bool:
        return self.severity == Severity.MUST

    @property
    def is_for_each(self) -> bool:
        return bool(self.slice_fields) and self.slice_value is None

    @property
    def is_about_drift(self) -> bool:
        return self.measure in {"psi", "js"}

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the data that the rule speaks of."""
        return (*self.slice_fields, *([self.field] if self.field else []))

    @property
    def slice_names(self) -> tuple[str, ...]:
        """How the groups may be called: a crossing of two fields goes by either order."""
        orders = (self.slice_fields, self.slice_fields[::-1])
        return tuple(dict.fromkeys(CROSSED.join(fields) for fields in orders))

    @property
    def compares_groups(self) -> bool:
        return self.measure in {"gap", "ratio"}

    def __str__(self) -> str:
        return render(self)

    def sentence(self) -> str:
        """Returns the rule as a person would say it."""
        mode = MODES[self.mode] if self.mode else ""
        return (
            f"{subject(self)} {VERBS[self.severity]} {bound(self)}{where(self)}{_given(self)}"
            f"{mode}; {ENDINGS[self.severity]}."
        )


def render(rule: Rule) -> str:
    """Returns the rule's canonical text, which parses to an equal rule."""
    parts = [
        f"{rule.name}:",
        render_measure(rule),
        rule.comparison.value,
        render_bound(rule),
        _render_where(rule),
        _render_needs(rule),
        "" if rule.is_must else rule.severity.value,
        rule.mode.value if rule.mode else "",
    ]
    return " ".join(part for part in parts if part)


def render_measure(rule: Rule) -> str:
    if rule.measure == "metric":
        return rule.metric
    inside = f"{rule.metric}, " if rule.compares_groups else ""
    return f"{rule.measure}({inside}{_field(rule.field)})"


def render_bound(rule: Rule) -> str:
    if rule.comparison == Comparison.BETWEEN:
        return f"{number(rule.bound)} and {number(rule.upper)}"
    if rule.relative is not None:
        return f"{number(rounded(rule.relative * 100))}% of baseline"
    if rule.baseline_change is not None:
        return f"baseline{_change(rule.baseline_change)}"
    return number(rule.bound)


def number(value: float | None) -> str:
    """Returns a bound's text without losing a digit, with two decimals as people write it."""
    text = format(Decimal(repr(value)), "f").removesuffix(".0")
    return f"{text}0" if re.fullmatch(r"-?\d+\.\d", text) else text


def rounded(share: float) -> float:
    """Takes the noise of the conversion off: 57% must not come back as 56.99999999999999%."""
    return float(f"{share:.12g}")


def _change(change: float) -> str:
    if change == 0:
        return ""
    return f" {'plus' if change > 0 else 'minus'} {number(abs(change))}"


def _render_where(rule: Rule) -> str:
    if rule.slice_value is not None:
        return f"for {_field(rule.slice_fields[0])} = {_quote(rule.slice_value, BARE_VALUE)}"
    if rule.slice_fields:
        return "for each " + CROSSED.join(_field(name) for name in rule.slice_fields)
    return ""


def _render_needs(rule: Rule) -> str:
    if not rule.needs_rows:
        return ""
    positives = f" and {rule.needs_positives} positives" if rule.needs_positives else ""
    return f"needs {rule.needs_rows} rows{positives}"


def _field(name: str) -> str:
    return _quote(name, BARE_FIELD)


def _quote(text: str, bare: re.Pattern[str]) -> str:
    if bare.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def subject(rule: Rule) -> str:
    """Returns what is measured, capitalised."""
    title = vocabulary.title(rule.metric)
    match rule.measure:
        case "gap":
            return f"The gap in {_lower(title)} between the groups of {rule.field}"
        case "ratio":
            return f"The lowest {_lower(title)} among the groups of {rule.field}, divided by the highest,"
        case "psi" | "js":
            return f"The drift ({rule.measure}) of {rule.field} from the training data"
    return title


def bound(rule: Rule) -> str:
    """Returns the comparison, for example "at least the baseline's value minus 0.01"."""
    words = rule.comparison.value
    if rule.comparison == Comparison.BETWEEN:
        return f"{words} {number(rule.bound)} and {number(rule.upper)}"
    if rule.relative is not None:
        return f"{words} {number(rounded(rule.relative * 100))}% of the baseline's value"
    if rule.baseline_change is not None:
        return f"{words} the baseline's value{_change(rule.baseline_change)}"
    return f"{words} {number(rule.bound)}"


def where(rule: Rule) -> str:
    if rule.slice_value is not None:
        return f" where {rule.slice_fields[0]} is {rule.slice_value}"
    if rule.slice_fields:
        return f" in each group of {' × '.join(rule.slice_fields)}"
    has_rows = rule.measure == "metric" and rule.metric not in vocabulary.FACTS
    return " over all rows" if has_rows else ""


def _given(rule: Rule) -> str:
    if not rule.needs_rows:
        return ""
    positives = f" and {rule.needs_positives} positives" if rule.needs_positives else ""
    return f", given at least {rule.needs_rows} rows{positives}"


def _lower(title: str) -> str:
    """Lowers the first letter, but leaves abbreviations such as ROC or F1 alone."""
    return (
        title if title[1:2].isupper() or title[1:2].isdigit() else title[0].lower() + title[1:]
    )
