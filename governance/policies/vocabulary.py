"""The words a rule may use: measures, what they are called and how far they reach; measures nothing."""

from dataclasses import dataclass
from difflib import get_close_matches
from math import inf


@dataclass(frozen=True)
class Metric:
    """One measurable figure, with the range outside of which a bound can only be a mistake."""

    title: str
    lowest: float = 0.0
    highest: float = 1.0


METRICS = {
    "n": Metric("Rows", highest=inf),
    "prevalence": Metric("Prevalence"),
    "auc": Metric("ROC AUC"),
    "pr_auc": Metric("PR AUC"),
    "logloss": Metric("Log loss", highest=inf),
    "brier": Metric("Brier score"),
    "brier_skill": Metric("Brier skill", lowest=-inf),
    "ece": Metric("Calibration error"),
    "accuracy": Metric("Accuracy"),
    "precision": Metric("Precision"),
    "recall": Metric("Recall"),
    "f1": Metric("F1"),
    "selection_rate": Metric("Selection rate"),
    "fpr": Metric("False positive rate"),
    "cost": Metric("Cost per case", lowest=-inf, highest=inf),
    "cost_accept_all": Metric("Cost of accepting everyone", lowest=-inf, highest=inf),
    "cost_reject_all": Metric("Cost of rejecting everyone", lowest=-inf, highest=inf),
}
SYNONYMS = {"tpr": "recall"}

# Shares that ratio() and gap() may compare between groups, and what each is a share of.
RATES = {
    "prevalence": "rows",
    "accuracy": "rows",
    "selection_rate": "rows",
    "recall": "positives",
    "fpr": "negatives",
    "precision": "decided positive",
}

# Days since the end of the period that the evaluation data cover; a fact, not a measurement.
AGE = "age_days"

# The rule language has words for these; no part of this server measures them yet.
NOT_MEASURED_YET = {"psi", "js", "latency_p95"}


def canonical(metric: str) -> str:
    return SYNONYMS.get(metric, metric)


def title(metric: str) -> str:
    return METRICS[metric].title if metric in METRICS else metric


def did_you_mean(word: str, known: list[str]) -> str:
    """Returns the end of a refusal: the closest known word, or all of them."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    return "known are " + ", ".join(sorted(known)) + "."
