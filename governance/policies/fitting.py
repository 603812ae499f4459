"""Whether a policy fits where it would apply, its data and its people: pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.policies import vocabulary
from governance.policies.document import PolicyDocument
from governance.policies.rules import Rule
from governance.policies.source import Path
from governance.policies.staffing import staffing_gaps
from governance.policies.surroundings import Surroundings

MOST_GROUPS = 50
# Single classes and labels are groups of a name of their own, whatever the columns are.
CLASS = "class"


@dataclass(frozen=True)
class Finding:
    """A sentence about one place of the document."""

    sentence: str
    path: Path = ()


def mistakes(document: PolicyDocument, around: Surroundings) -> Iterator[Finding]:
    """What cannot be meant, since no data known to the policy's use cases could satisfy it."""
    for position, rule in enumerate(document.rules):
        for sentence in (
            *_unknown_fields(rule, around),
            *_too_many_groups(rule, around),
            *_needs_too_much(rule, around),
        ):
            yield Finding(f"“{rule.name}”: {sentence}", ("rules", position))


def doubts(document: PolicyDocument, around: Surroundings) -> Iterator[Finding]:
    """What may be meant, but will not do in some use case as things stand."""
    yield from _unknown_somewhere(document, around)
    yield from _unwatched(document, around)
    yield from _unsigned(document, around)


def _unknown_fields(rule: Rule, around: Surroundings) -> Iterator[str]:
    known = around.columns
    for name in rule.fields:
        if known and name != CLASS and name not in known:
            hint = vocabulary.did_you_mean(name, sorted(known))
            yield f"no data set of these use cases has a field “{name}”; {hint}"


def _too_many_groups(rule: Rule, around: Surroundings) -> Iterator[str]:
    if not (rule.is_for_each or rule.compares_groups):
        return
    for name in rule.fields:
        counts = [one.groups[name] for one in around.data if name in one.groups]
        if counts and min(counts) > MOST_GROUPS:
            yield (
                f"{name} has {min(counts):,} values, and at most {MOST_GROUPS} groups are judged; "
                "put its values into bands or wider groups."
            )


def _needs_too_much(rule: Rule, around: Surroundings) -> Iterator[str]:
    for needed, most, what in (
        (rule.needs_rows, max((one.most_rows for one in around.data), default=0), "rows"),
        (
            rule.needs_positives,
            max((one.most_positives for one in around.data), default=0),
            "positives",
        ),
    ):
        if most and needed > most:
            yield (
                f"it needs {needed:,} {what}, but the largest data set known has {most:,}, "
                "so the rule would never decide."
            )


def _unknown_somewhere(document: PolicyDocument, around: Surroundings) -> Iterator[Finding]:
    for position, rule in enumerate(document.rules):
        for data in around.data:
            missing = [name for name in rule.fields if name not in {*data.columns, CLASS}]
            if data.columns and missing:
                sentence = (
                    f"“{rule.name}” will be missing in {data.use_case}: none of its data sets has "
                    f"{' or '.join(missing)}."
                )
                yield Finding(sentence, ("rules", position))


def _unwatched(document: PolicyDocument, around: Surroundings) -> Iterator[Finding]:
    looked_at = {
        name
        for rule in document.rules
        if rule.is_for_each or rule.compares_groups
        for name in rule.fields
    }
    for data in around.data:
        if unwatched := sorted(data.sensitive - looked_at):
            sentence = (
                f"No rule looks at {' or '.join(unwatched)}, which {data.use_case} declares "
                "sensitive."
            )
            yield Finding(sentence, ("rules",))


def _unsigned(document: PolicyDocument, around: Surroundings) -> Iterator[Finding]:
    for staffing in around.staffing:
        for sentence in staffing_gaps(
            staffing,
            requester_may_vote=document.separation.requester_may_vote,
            contributors_may_vote=document.separation.contributors_may_vote,
        ):
            yield Finding(f"{staffing.use_case}: {sentence}", ("approvals",))
