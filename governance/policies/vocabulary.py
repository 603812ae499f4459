"""The words a rule may use: the catalogue of metrics and a few facts; measures nothing."""

from difflib import get_close_matches

from governance.metrics import METRICS, REPORTED, SYNONYMS
from governance.metrics import title as metric_title

# Shares that ratio() and gap() may compare between groups, and what each is a share of.
RATES = {key: metric.share_of for key, metric in METRICS.items() if metric.share_of}

# Days since the end of the period that the evaluation data cover.
AGE = "age_days"
# What the newest infra check of the version measured, if it passed.
LATENCY, MEMORY = "latency_p95", "memory_peak"
# Facts about a version or its data: one value each, without rows, groups or interval.
FACTS = {
    AGE: "The age of the evaluation data in days",
    LATENCY: "The latency (95th percentile, milliseconds a row)",
    MEMORY: "The peak memory (megabytes)",
}
UNITS = {AGE: "days", LATENCY: "ms a row", MEMORY: "MB"}
INFRA = frozenset({LATENCY, MEMORY})


def title(metric: str) -> str:
    return FACTS.get(metric) or metric_title(metric)


def canonical(metric: str) -> str:
    return SYNONYMS.get(metric, metric)


def is_known(metric: str) -> bool:
    """Whether a rule may ask for it: something measured here, or something reported."""
    return metric in METRICS or metric in FACTS or metric.startswith(REPORTED)


def did_you_mean(word: str, known: list[str]) -> str:
    """Returns the end of a refusal: the closest known word, or all of them."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    return "known are " + ", ".join(sorted(known)) + "."
