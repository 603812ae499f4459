"""What differs between two policies, in sentences, each stricter, looser or other; stores nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import unified_diff
from enum import StrEnum

from governance.policies.document import (
    AppliesTo,
    ApprovalStep,
    Consult,
    Exceptions,
    FollowUp,
    MinorChange,
    PolicyDocument,
    Revalidation,
    Separation,
    Signature,
    duration_text,
)
from governance.policies.rules import Rule
from governance.policies.source import Path
from governance.policies.strictness import MODES, Direction, aspects, ranked
from governance.working_days import Span

GATES = ("deploy", "release", "review", "evaluate", "scope", "register")
PERMISSIONS = ("may vote", "may not vote")
# The weakest first.
BASES = {"any": "any other model", "adopted": "models that their use case has adopted only"}
# What has its own words below; any other key is told with its two values.
TOLD = {
    "policy", "extends", "base", "applies_to", "protects", "baseline", "interval", "rules",
    "card", "approvals", "minor_change", "consult", "separation", "valid_for", "lapses_on",
    "exceptions", "signature", "follow_up", "revalidation", "retirement", "base_models",
}  # fmt: skip
FOLLOW_UP = {
    "remind_before": "Reminders before the due date:",
    "escalate_after": "What is overdue goes on to whoever is accountable after",
    "expire_after": "A request ends after its due date by",
    "changes_within": "Changes are handed in within",
}


@dataclass(frozen=True)
class Change:
    """One difference. `path` is its place in the later policy; what is `fixed` a policy that
    extends the earlier one has to keep as it is."""

    sentence: str
    direction: Direction
    path: Path = ()
    fixed: bool = False


class LineKind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    PLACE = "place"


@dataclass(frozen=True)
class Line:
    """One line of a comparison of texts."""

    text: str
    kind: LineKind


def differences(before: PolicyDocument, after: PolicyDocument) -> list[Change]:
    """Lists what differs, the rules first; nothing where both say the same."""
    return [
        *_rules(before, after),
        *_steps(before.approvals, after.approvals),
        *_revalidation(before.revalidation, after.revalidation),
        *_steps(
            before.retirement.approvals, after.retirement.approvals, ("retirement", "approvals")
        ),
        *_minor(before.minor_change, after.minor_change),
        *_consult(before.consult, after.consult),
        *_follow_up(before.follow_up, after.follow_up),
        *_separation(before.separation, after.separation),
        *_signature(before.signature, after.signature),
        *_reach(before, after),
        *_protects(before, after),
        *_judging(before, after),
        *_lasting(before, after),
        *_rest(before, after),
    ]


def text_differences(before: str, after: str) -> list[Line]:
    """Compares two texts line by line, with three lines around each change."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [_line(line) for number, line in enumerate(lines) if number > 1]


def _line(line: str) -> Line:
    kinds = {"+": LineKind.ADDED, "-": LineKind.REMOVED, "@": LineKind.PLACE}
    return Line(line, kinds.get(line[:1], LineKind.SAME))


def _rules(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    former = {rule.name.lower(): rule for rule in before.rules}
    present = {rule.name.lower(): rule for rule in after.rules}
    renamed = dict(_renamed(former, present))
    for position, rule in enumerate(after.rules):
        path = ("rules", position)
        old = former.get(rule.name.lower())
        if old is not None:
            yield from _rule(old, rule, before, after, path)
        elif rule.name in renamed:
            sentence = f"Rule “{renamed[rule.name]}” is now called “{rule.name}”."
            yield Change(sentence, Direction.OTHER, path)
        else:
            yield Change(f"Rule added: {rule}.", _weight(rule, Direction.STRICTER), path)
    for key, rule in former.items():
        if key not in present and rule.name not in renamed.values():
            direction = _weight(rule, Direction.LOOSER)
            yield Change(f"Rule removed: {rule}.", direction, ("rules",))


def _rule(
    old: Rule, new: Rule, before: PolicyDocument, after: PolicyDocument, path: Path
) -> Iterator[Change]:
    for one in aspects(old, new, (before.mode_of(old), after.mode_of(new))):
        sentence = f"Rule “{new.name}”: {one.what} {one.before} → {one.after}."
        yield Change(sentence, one.direction, path, fixed=one.is_figure)


def _renamed(former: dict[str, Rule], present: dict[str, Rule]) -> Iterator[tuple[str, str]]:
    """Pairs the new name of a rule with its old one, where nothing else about it changed."""
    gone = {
        replace(old, name=""): old.name for key, old in former.items() if key not in present
    }
    for key, new in present.items():
        if key not in former and (old_name := gone.pop(replace(new, name=""), "")):
            yield new.name, old_name


def _weight(rule: Rule, direction: Direction) -> Direction:
    """A note changes no verdict, so it makes no policy stricter or looser."""
    return Direction.OTHER if rule.severity.value == "note" else direction


def _steps(
    before: Sequence[ApprovalStep],
    after: Sequence[ApprovalStep],
    place: Path = ("approvals",),
) -> Iterator[Change]:
    """Who signs; `place` is where in the policy, since other kinds of requests have steps too."""
    of = f" of the {place[0]}" if place[1:] else ""
    former = {step.step: step for step in before}
    present = [step.step for step in after]
    for position, step in enumerate(after):
        path = (*place, position)
        if step.step in former:
            yield from _step(former[step.step], step, path)
        else:
            sentence = f"Step “{step.step}”{of} added: {_signatures(step.quorum)}."
            yield Change(sentence, Direction.STRICTER, path)
    for name in former:
        if name not in present:
            yield Change(f"Step “{name}”{of} removed.", Direction.LOOSER, place)
    kept = [name for name in former if name in present]
    if kept != [name for name in present if name in former]:
        sentence = f"The steps{of} are signed in another order: {', '.join(present)}."
        yield Change(sentence, Direction.OTHER, place)


def _revalidation(before: Revalidation, after: Revalidation) -> Iterator[Change]:
    path = ("revalidation",)
    for tier in sorted({*before.every, *after.every}):
        old, new = before.every.get(tier), after.every.get(tier)
        if old == new:
            continue
        if new is None:
            sentence = (
                f"A version of tier {tier} is not to be validated again by a time of its own."
            )
        else:
            former = f", before every {duration_text(old)}" if old else ""
            sentence = f"A version of tier {tier} is validated again every {duration_text(new)}{former}."
        is_stricter = new is not None and (old is None or new < old)
        yield Change(
            sentence, Direction.STRICTER if is_stricter else Direction.LOOSER, (*path, "every")
        )
    if before.ask_before != after.ask_before:
        words = f"{duration_text(before.ask_before)} → {duration_text(after.ask_before)}"
        sentence = f"People are told {words} before a clearance ends."
        yield Change(sentence, Direction.OTHER, (*path, "ask_before"))
    if before.approvals and after.approvals:
        yield from _steps(before.approvals, after.approvals, (*path, "approvals"))
    elif before.approvals or after.approvals:
        who = "steps of their own" if after.approvals else "the steps of a release"
        yield Change(f"Re-validations are signed by {who}.", Direction.OTHER, path, fixed=True)


def _step(old: ApprovalStep, new: ApprovalStep, path: Path) -> Iterator[Change]:
    if old.quorum != new.quorum:
        more = new.quorum > old.quorum
        verb = "now needs" if more else "needs only"
        sentence = f"Step “{new.step}” {verb} {_signatures(new.quorum)}, before {old.quorum}."
        yield Change(sentence, Direction.STRICTER if more else Direction.LOOSER, path)
    for key in ("activity", "duty", "meaning"):
        if getattr(old, key) != getattr(new, key):
            sentence = f"Step “{new.step}”: {key} {getattr(old, key)} → {getattr(new, key)}."
            yield Change(sentence, Direction.OTHER, (*path, key), fixed=True)
    if old.due_in != new.due_in:
        words = " → ".join(
            duration_text(one) if one else "no due date" for one in (old.due_in, new.due_in)
        )
        yield Change(f"Step “{new.step}”: due in {words}.", Direction.OTHER, (*path, "due_in"))
    yield from _step_route(old, new, path)


def _step_route(old: ApprovalStep, new: ApprovalStep, path: Path) -> Iterator[Change]:
    """When the step is asked for, beside which other, and what one rejection does."""
    if old.veto != new.veto:
        words = "ends the request" if new.veto else "no longer ends the request"
        direction = Direction.STRICTER if new.veto else Direction.LOOSER
        yield Change(f"Step “{new.step}”: one rejection {words}.", direction, (*path, "veto"))
    if old.parallel != new.parallel:
        words = "together with" if new.parallel else "after"
        sentence = f"Step “{new.step}” is signed {words} the step before it."
        yield Change(sentence, Direction.OTHER, (*path, "parallel"))
    if old.only_if == new.only_if:
        return
    if new.only_if is None:
        sentence = f"Step “{new.step}” is always asked for, before only if {old.only_if}."
        yield Change(sentence, Direction.STRICTER, path)
    else:
        sentence = f"Step “{new.step}” is asked for only if {new.only_if}."
        direction = Direction.OTHER if old.only_if else Direction.LOOSER
        yield Change(sentence, direction, (*path, "only_if"), fixed=old.only_if is not None)


def _minor(before: MinorChange | None, after: MinorChange | None) -> Iterator[Change]:
    if before == after:
        return
    old, new = (set(one.unchanged) if one else set() for one in (before, after))
    if after is None:
        yield Change("No change is minor any more.", Direction.STRICTER, ("minor_change",))
        return
    sentence = f"A change is minor when unchanged: {', '.join(after.unchanged)}."
    direction = Direction.OTHER
    if old < new and before:
        direction = Direction.STRICTER
    elif new < old or before is None:
        direction = Direction.LOOSER
    is_other = direction == Direction.OTHER and old != new
    yield Change(sentence, direction, ("minor_change",), fixed=is_other)


def _signatures(quorum: int) -> str:
    return "1 signature" if quorum == 1 else f"{quorum} signatures"


def _consult(before: Consult | None, after: Consult | None) -> Iterator[Change]:
    path = ("consult",)
    if before and not after:
        yield Change("Nobody is asked for advice any more.", Direction.LOOSER, path)
    elif after and not before:
        yield Change("Advice is asked for before signing.", Direction.STRICTER, path)
    elif before != after:
        yield Change("Advice is due at another time.", Direction.OTHER, path)


def _follow_up(before: FollowUp, after: FollowUp) -> Iterator[Change]:
    """Times say when people are told, not what a version must reach: neither stricter nor looser."""
    if before.half_way != after.half_way:
        words = "People are" if after.half_way else "Nobody is"
        sentence = f"{words} reminded half-way to the due date."
        yield Change(sentence, Direction.OTHER, ("follow_up", "half_way"))
    for key, words in FOLLOW_UP.items():
        old, new = (_spans(getattr(one, key)) for one in (before, after))
        if old != new:
            sentence = f"{words} {old} → {new}."
            yield Change(sentence, Direction.OTHER, ("follow_up", key))


def _spans(said: Span | tuple[Span, ...]) -> str:
    if isinstance(said, tuple):
        return " and ".join(map(duration_text, said)) or "never"
    return duration_text(said)


def _separation(before: Separation, after: Separation) -> Iterator[Change]:
    people = {"requester": "Who asks for approval", "contributors": "Contributors"}
    for key, who in people.items():
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            yield Change(f"{who} {new}.", ranked(PERMISSIONS, old, new), ("separation", key))


def _signature(before: Signature, after: Signature) -> Iterator[Change]:
    path = ("signature", "second_factor")
    old, new = set(before.second_factor), set(after.second_factor)
    if more := sorted(new - old):
        sentence = f"Signatures in {_tiers(more)} take a second factor besides the password."
        yield Change(sentence, Direction.STRICTER, path)
    if fewer := sorted(old - new):
        sentence = f"Signatures in {_tiers(fewer)} no longer take a second factor."
        yield Change(sentence, Direction.LOOSER, path)


def _tiers(tiers: Sequence[int]) -> str:
    return f"tier {' and '.join(map(str, tiers))}"


def _reach(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    if before.applies_to != after.applies_to:
        words = f"{applies_text(before.applies_to)} → {applies_text(after.applies_to)}"
        yield Change(f"Applies to {words}.", Direction.OTHER, ("applies_to",))
    if before.extends != after.extends:
        words = f"{before.extends or 'no policy'} → {after.extends or 'no policy'}"
        yield Change(f"Extends {words}.", Direction.OTHER, ("extends",))


def applies_text(criteria: AppliesTo | None) -> str:
    """For which models a policy is, for example “tier 1 or 2 with the tag domain = credit”."""
    if criteria is None:
        return "no model itself"
    parts = []
    if criteria.tiers:
        parts.append(f"tier {' or '.join(map(str, criteria.tiers))}")
    if criteria.tags:
        tags = [f"{key} = {value}" for key, value in criteria.tags.items()]
        parts.append(f"with the tag{'s' if len(tags) > 1 else ''} {' and '.join(tags)}")
    if criteria.use_cases:
        parts.append(f"in {' or '.join(criteria.use_cases)}")
    return " ".join(parts)


def _protects(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    for key, word in (("aliases", "alias"), ("stages", "stage")):
        old, new = getattr(before.protects, key), getattr(after.protects, key)
        path = ("protects", key)
        for name in _only(new, old):
            yield Change(f"Protects the {word} {name} too.", Direction.STRICTER, path)
        for name in _only(old, new):
            yield Change(f"Protects the {word} {name} no longer.", Direction.LOOSER, path)


def _only(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return [one for one in dict.fromkeys(first) if one not in second]


def _judging(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    if before.baseline != after.baseline:
        sentence = f"Baseline {before.baseline} → {after.baseline}."
        is_used = any(rule.is_relative for rule in before.rules)
        yield Change(sentence, Direction.OTHER, ("baseline",), fixed=is_used)
    if before.interval != after.interval:
        sentence = (
            f"Intervals are read as “{after.interval.value}”, before “{before.interval.value}”."
        )
        yield Change(sentence, ranked(MODES, before.interval, after.interval), ("interval",))


def _lasting(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    gates = before.card.complete_for, after.card.complete_for
    if gates[0] != gates[1]:
        sentence = f"The model card must be complete for {gates[1]}, before for {gates[0]}."
        yield Change(sentence, ranked(GATES, *gates), ("card", "complete_for"))
    if before.valid_for != after.valid_for:
        words = f"{duration_text(before.valid_for)} → {duration_text(after.valid_for)}"
        is_shorter = after.valid_for < before.valid_for
        direction = Direction.STRICTER if is_shorter else Direction.LOOSER
        yield Change(f"A clearance is valid for {words}.", direction, ("valid_for",))
    if before.base_models != after.base_models:
        sentence = f"Versions may build upon {BASES[after.base_models]}."
        direction = ranked(tuple(BASES), before.base_models, after.base_models)
        yield Change(sentence, direction, ("base_models",))
    yield from _exceptions(before.exceptions, after.exceptions)
    for cause in _only(after.lapses_on, before.lapses_on):
        sentence = f"A clearance lapses on “{cause}” too."
        yield Change(sentence, Direction.STRICTER, ("lapses_on",))
    for cause in _only(before.lapses_on, after.lapses_on):
        sentence = f"A clearance lapses on “{cause}” no longer."
        yield Change(sentence, Direction.LOOSER, ("lapses_on",))


def _exceptions(before: Exceptions, after: Exceptions) -> Iterator[Change]:
    if before.allowed != after.allowed:
        words = "may be granted" if after.allowed else "are not granted any more"
        direction = Direction.LOOSER if after.allowed else Direction.STRICTER
        yield Change(f"Exceptions {words}.", direction, ("exceptions", "allowed"))
    if before.at_most != after.at_most:
        old, new = (one.at_most or timedelta.max for one in (before, after))
        limits = [
            duration_text(one.at_most) if one.at_most else "the tier's limit"
            for one in (before, after)
        ]
        direction = Direction.STRICTER if new < old else Direction.LOOSER
        sentence = f"Exceptions last at most {limits[1]}, before {limits[0]}."
        yield Change(sentence, direction, ("exceptions", "at_most"))


def _rest(before: PolicyDocument, after: PolicyDocument) -> Iterator[Change]:
    for key in PolicyDocument.model_fields:
        old, new = getattr(before, key), getattr(after, key)
        if key not in TOLD and old != new:
            words = f"{_plain(before, key)} → {_plain(after, key)}"
            yield Change(f"{key}: {words}.", Direction.OTHER, (key,))


def _plain(document: PolicyDocument, key: str) -> str:
    return str(document.model_dump(mode="json", include={key})[key])[:200]
