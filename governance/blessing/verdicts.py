"""The words of a judgement: outcomes of rules, verdicts, and which verdicts suffice."""

from django.db.models import TextChoices


class Outcome(TextChoices):
    PASS = "pass", "Pass"
    FAIL = "fail", "Fail"
    MISSING = "missing", "Missing"
    TOO_FEW = "too_few", "Too few"
    NO_BASELINE = "no_baseline", "No baseline"
    UNDEFINED = "undefined", "Undefined"


class Verdict(TextChoices):
    BLESSED = "blessed", "Blessed"
    BLESSED_FIRST = "blessed_first", "Blessed (first version)"
    BLESSED_WITH_EXCEPTION = "blessed_with_exception", "Blessed with exception"
    NOT_BLESSED = "not_blessed", "Not blessed"
    UNDECIDED = "undecided", "Undecided"
    NOT_EVALUATED = "not_evaluated", "Not evaluated"


# On these an approval may be asked for.
SUFFICIENT = frozenset({Verdict.BLESSED, Verdict.BLESSED_FIRST, Verdict.BLESSED_WITH_EXCEPTION})
# A must rule with one of these makes the version not blessed.
FATAL = frozenset({Outcome.FAIL, Outcome.MISSING, Outcome.UNDEFINED})
# What an exception may be asked for: the rule stays red, the version may go on for a while.
EXCUSABLE = FATAL | {Outcome.TOO_FEW}
# The worst group decides a rule about groups, in this order.
WORST_FIRST = (
    Outcome.FAIL,
    Outcome.UNDEFINED,
    Outcome.MISSING,
    Outcome.TOO_FEW,
    Outcome.NO_BASELINE,
    Outcome.PASS,
)
