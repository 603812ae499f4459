"""The words a rule may use: the catalogue of metrics and a few facts; measures nothing."""

from difflib import get_close_matches

from governance.metrics import METRICS, REPORTED, SYNONYMS, title

# Shares that ratio() and gap() may compare between groups, and what each is a share of.
RATES = {key: metric.share_of for key, metric in METRICS.items() if metric.share_of}

# Days since the end of the period that the evaluation data cover; a fact, not a measurement.
AGE = "age_days"

# The rule language has words for these; no part of this server measures them yet.
NOT_MEASURED_YET = {"psi", "js", "latency_p95"}

__all__ = ["METRICS", "REPORTED", "SYNONYMS", "title"]


def canonical(metric: str) -> str:
    return SYNONYMS.get(metric, metric)


def is_known(metric: str) -> bool:
    """Whether a rule may ask for it: something measured here, or something reported."""
    return metric in METRICS or metric == AGE or metric.startswith(REPORTED)


def did_you_mean(word: str, known: list[str]) -> str:
    """Returns the end of a refusal: the closest known word, or all of them."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    return "known are " + ", ".join(sorted(known)) + "."
