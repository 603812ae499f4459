"""Turns the facts about a version into the sections of its card: pure, no queries.

The fields follow the merged list of published card schemas; every number shows its n and its
interval, or says that there is none.
"""

from collections.abc import Iterable

from governance.accounts.models import User
from governance.cards.facts import Facts
from governance.cards.fields import Field, Section, Table, Value
from governance.evaluation.comparison import NO_WINNER
from governance.evaluation.models import Measurement
from governance.exceptions.rules import long_date
from governance.metrics import title

ADOPT = "adopt the model into a use case."
EVALUATE = "evaluate the version."
AT_REGISTRATION = "give it when registering the version, or set the tag {tag}."


def sections(facts: Facts) -> tuple[Section, ...]:
    return (
        Section("what", "What it is", _what(facts)),
        Section("purpose", "What it is for", _purpose(facts)),
        Section("making", "How it was made", _making(facts)),
        Section("figures", "How good it is", _figures(facts)),
        Section("limits", "What it must not be used for", _limits(facts)),
    )


def _what(facts: Facts) -> tuple[Field, ...]:
    version = facts.version
    return (
        _auto("name", "Model", version.model.name, "register"),
        _auto("version", "Version", f"v{version.number}", "register"),
        _auto("version_date", "Registered", f"{version.created_at:%d %b %Y}", "register"),
        _written(facts, "overview", "Overview", "register"),
        _auto(
            "owners",
            "Owners",
            (
                *_named(facts.model_owners, "answers for the model"),
                *_named(facts.business_owners, "answers for the business need"),
            ),
            "register",
            "name who is Accountable for the model card in the RACI matrix.",
        ),
        _auto(
            "developers",
            "Developers",
            tuple(dict.fromkeys(map(str, [*facts.developers, version.created_by]))),
            "register",
        ),
        _auto(
            "contact",
            "Contact",
            tuple(user.email for user in facts.model_owners if user.email),
            help="the model owner's account has no mail address.",
        ),
        _auto("description", "Description", version.description),
    )


def _purpose(facts: Facts) -> tuple[Field, ...]:
    case = facts.use_case
    return (
        _auto("use_case", "Use case", case.title if case else "", "scope", ADOPT),
        _auto(
            "business_need",
            "Business need",
            case.need if case else "",
            "scope",
            "write the need of the use case." if case else ADOPT,
        ),
        _written(facts, "intended_use", "Intended use", "scope"),
        _auto(
            "kpis",
            "Business KPIs",
            Table(("KPI", "Target", "Before", "Better is"), tuple(map(_kpi, facts.kpis))),
            "scope",
            "define a KPI of the use case.",
        ),
        _auto(
            "costs",
            "Cost per case",
            _costs(facts),
            "scope",
            "set the cost matrix of the use case.",
        ),
        _auto("risk_tier", "Risk tier", f"Tier {case.tier}" if case else "", "scope", ADOPT),
    )


def _making(facts: Facts) -> tuple[Field, ...]:
    version = facts.version
    commit = version.code_commit or facts.tags.get("mlflow.source.git.commit", "")
    return (
        _auto(
            "artifact",
            "Artifact",
            version.source or version.digest,
            "register",
            "register a version with a source or a digest.",
        ),
        _auto("artifact_digest", "Artifact digest", version.digest),
        _auto(
            "code_commit",
            "Code",
            commit or facts.tags.get("code_commit", ""),
            "evaluate",
            AT_REGISTRATION.format(tag="code_commit"),
        ),
        _auto(
            "training_data",
            "Training data",
            version.training_data or facts.tags.get("training_data", ""),
            "evaluate",
            AT_REGISTRATION.format(tag="training_data"),
        ),
        _auto(
            "training_data_digest", "Digest of the training data", version.training_data_digest
        ),
        _auto("parent", "Made from", version.parent.label if version.parent else ""),
        _auto("base_model", "Base model", version.base_model),
        _auto("container", "Container", version.container_digest),
        _auto("environment", "Environment", version.environment_digest),
        _auto(
            "parameters",
            "Parameters",
            Table(
                ("Name", "Value"),
                tuple((str(key), str(value)) for key, value in version.parameters.items()),
            ),
        ),
    )


def _figures(facts: Facts) -> tuple[Field, ...]:
    overall = [row for row in facts.measurements if not row.slice_field]
    return (
        _auto("evaluation_data", "Evaluation data", _data(facts), "evaluate", EVALUATE),
        _auto(
            "metrics",
            "Figures",
            Table(("Metric", "Value", "Better is"), tuple(map(_metric, overall))),
            "evaluate",
            EVALUATE,
        ),
        _auto("threshold", "Decision threshold", _threshold(facts)),
        _auto(
            "verdict",
            "Verdict",
            facts.blessing.sentence if facts.blessing else "",
            "evaluate",
            "no policy has judged this version yet.",
        ),
        _auto(
            "rules",
            "Rules",
            Table(
                ("Rule", "Outcome", "Why"),
                tuple(
                    (row.name, row.get_outcome_display(), row.sentence) for row in facts.results
                ),
            ),
        ),
        _auto("exceptions", "Exceptions to red rules", _exceptions(facts)),
        _auto("comparison", "Compared with", _comparison(facts)),
        _auto(
            "slices",
            "Groups looked at",
            tuple(dict.fromkeys(r.slice_field for r in facts.measurements if r.slice_field)),
        ),
    )


def _limits(facts: Facts) -> tuple[Field, ...]:
    return (
        _written(facts, "out_of_scope", "Out-of-scope use", "scope"),
        _written(facts, "limitations", "Limitations", "review"),
        _auto("weak_points", "Seen in the figures", _weak_points(facts)),
    )


def _auto(key: str, title: str, value: Value, gate: str = "", help: str = "") -> Field:
    return Field(key, title, "AUTO", value, gate, help)


def _written(facts: Facts, key: str, title: str, gate: str) -> Field:
    """A text of people's: lifted while nobody has confirmed it for this version, else asked for."""
    is_carried = key in facts.writing.carried_over
    source = facts.writing.lifted_from
    return Field(
        key,
        title,
        "LIFT" if is_carried else "ASK",
        facts.writing.texts[key],
        gate,
        "nobody has written this yet.",
        source.label if is_carried and source else "",
    )


def _named(people: Iterable[User], part: str) -> tuple[str, ...]:
    return tuple(f"{person.display_name}, {part}" for person in people)


def _kpi(kpi) -> tuple[str, ...]:  # noqa: ANN001 - a Kpi row
    before = "" if kpi.baseline is None else f"{kpi.baseline:g} {kpi.unit}".strip()
    return (kpi.title, f"{kpi.target:g} {kpi.unit}".strip(), before, kpi.direction)


def _costs(facts: Facts) -> Table:
    case = facts.use_case
    rows = case.costs.items() if case and case.has_costs else ()
    return Table(
        ("Outcome", f"Cost ({case.cost_unit})" if case and case.cost_unit else "Cost"),
        tuple((outcome.replace("_", " "), f"{cost:g}") for outcome, cost in rows),
    )


def _data(facts: Facts) -> tuple[str, ...]:
    evaluation = facts.evaluation
    if evaluation is None:
        return ()
    period = ""
    if evaluation.period_start and evaluation.period_end:
        period = f"from {evaluation.period_start} to {evaluation.period_end}"
    size = f"{evaluation.rows or 0:,} rows"
    if evaluation.positives is not None:
        size += f", {evaluation.positives:,} positive"
    return tuple(
        line for line in (evaluation.dataset, size, period, evaluation.data_digest) if line
    )


def _metric(row: Measurement) -> tuple[str, ...]:
    return (title(row.metric), figure(row), row.direction or "–")


def figure(row: Measurement) -> str:
    """A number as it must be shown: with its interval and its n, or with the words that it has none."""
    if row.value is None:
        return f"none ({row.method})"
    if row.metric == "n":
        return f"{row.value:,.0f}"
    interval = f"[{row.low:.3f}, {row.high:.3f}]" if row.has_interval else "no interval"
    return f"{row.value:.3f} {interval}, n = {row.n:,}"


def _threshold(facts: Facts) -> str:
    evaluation = facts.evaluation
    return f"{evaluation.threshold:g}" if evaluation and evaluation.has_threshold else ""


def _comparison(facts: Facts) -> Table:
    blessing = facts.blessing
    found = blessing.comparison if blessing and blessing.baseline_version else []
    rows = [row for row in found if not row.get("slice_field")]
    against = f"Difference from {blessing.baseline_version.label}" if rows else "Difference"
    return Table(("Metric", against, "Meaning"), tuple(map(_difference, rows)))


def _exceptions(facts: Facts) -> Table:
    """What was let through for a time although it failed, and who answers for that."""
    return Table(
        ("Rule", "Until", "Granted by", "Why", "What keeps the risk small"),
        tuple(
            (
                one.rule_name,
                long_date(one.until),
                " and ".join(one.granted_by),
                one.reason,
                one.compensation,
            )
            for one in facts.exceptions
        ),
    )


def _difference(row: dict) -> tuple[str, ...]:
    named = title(row["metric"])
    if row["value"] is None:
        return (named, "none", "not comparable")
    interval = "no interval"
    if row["low"] is not None and row["high"] is not None:
        interval = f"[{row['low']:+.3f}, {row['high']:+.3f}]"
    told = "told apart" if row["told_apart"] else NO_WINNER
    return (named, f"{row['value']:+.3f} {interval}", told)


def _weak_points(facts: Facts) -> tuple[str, ...]:
    """Every rule that did not simply pass, in its own sentence."""
    return tuple(row.sentence for row in facts.results if row.outcome != "pass")
