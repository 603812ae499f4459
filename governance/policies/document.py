"""What a policy's text says, as typed values; who may write one and which applies is elsewhere."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from governance.errors import Invalid
from governance.policies import vocabulary
from governance.policies.grammar import RuleError, parse
from governance.policies.rules import Mode, Rule
from governance.policies.source import Path, Problem, Source, Unreadable
from governance.policies.source import read as read_source
from governance.working_days import Span, WorkingDays

DURATION = re.compile(r"(\d{1,5}) (hours?|days?|weeks?)")
WORKING = re.compile(r"(\d{1,3}) working days?")
MOST_WORKING_DAYS = 250  # about a year
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Word = Annotated[str, Field(min_length=1, max_length=100)]
Stage = Literal["Staging", "Production"]
Permission = Literal["may not vote", "may vote"]
Kept = Literal["artifact", "training data", "evaluation data", "code", "card", "policy"]
Lapse = Literal[
    "artifact changed", "evidence changed", "monitor breach", "kpi missed", "exception expired"
]


class InvalidPolicy(Invalid):
    """The text cannot be a policy; `problems` carry the lines and columns."""

    default_code = "invalid_policy"

    def __init__(self, problems: list[Problem]) -> None:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(
            f"The policy has {count}: {problems[0]}",
            reasons=[str(problem) for problem in problems],
            field="text",
        )
        self.problems = tuple(problems)


def parse_duration(text: object) -> timedelta:
    """Reads "5 days", "12 hours" or "2 weeks"."""
    if isinstance(text, timedelta):
        return text
    match = DURATION.fullmatch(" ".join(str(text).split()))
    if not match or not int(match[1]):
        raise PydanticCustomError(
            "duration", "Write a duration as in “5 days”, “12 hours” or “2 weeks”."
        )
    unit = match[2].removesuffix("s") + "s"
    return timedelta(**{unit: int(match[1])})


def parse_span(text: object) -> Span:
    """Reads "5 working days" besides what a duration may be."""
    if isinstance(text, WorkingDays):
        return text
    match = WORKING.fullmatch(" ".join(str(text).split()))
    if match and 0 < int(match[1]) <= MOST_WORKING_DAYS:
        return WorkingDays(int(match[1]))
    if match:
        raise PydanticCustomError("duration", f"Write 1 to {MOST_WORKING_DAYS} working days.")
    try:
        return parse_duration(text)
    except PydanticCustomError:
        raise PydanticCustomError(
            "duration",
            "Write a time as in “5 working days”, “5 days”, “12 hours” or “2 weeks”.",
        ) from None


def duration_text(duration: Span) -> str:
    if isinstance(duration, WorkingDays):
        return str(duration)
    if duration.seconds:
        hours = int(duration.total_seconds() // 3600)
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{duration.days} day{'s' if duration.days != 1 else ''}"


def _read_rule(value: object) -> Rule:
    """Takes "name: rule", quoted or not: YAML reads an unquoted one as a mapping of one key."""
    if isinstance(value, Rule):
        return value
    if isinstance(value, dict) and len(value) == 1:
        value = ": ".join(str(part) for part in next(iter(value.items())))
    if not isinstance(value, str):
        raise PydanticCustomError("rule", "A rule is one line of text.")
    try:
        return parse(value)
    except RuleError as error:
        context = {"sentence": error.sentence, "column": error.column}
        raise PydanticCustomError("rule", "{sentence}", context) from None


def _rule_json(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "text": str(rule),
        "sentence": rule.sentence(),
        "severity": rule.severity.value,
    }


# What editors are told about a rule and a duration; schema.py serves it.
RULE_SCHEMA = {
    "description": "name: measure comparison bound [where] [needs] [severity] [mode]\n"
    "measure: a metric, ratio(rate, field), gap(rate, field), reported.name, age_days, …\n"
    "comparison and bound: at least 0.75 | at most 0.2 | between 0.1 and 0.3 | "
    "at least baseline minus 0.01 | at least 97% of baseline\n"
    "where: overall | for each field | for field = value\n"
    "needs: needs 100 rows and 25 positives\n"
    "severity: must (the default) | warn | note\n"
    "mode: point | sure | not worse",
    "examples": [
        "auc floor: auc at least 0.75",
        "no regression: auc at least baseline minus 0.01",
        "weak groups: auc at least 0.65 for each age_group needs 100 rows and 25 positives",
        "four fifths: ratio(selection_rate, age_group) at least 0.80 needs 100 rows else warn",
        "helpful answers: reported.helpfulness at least 0.80 sure",
    ],
    "anyOf": [
        {"type": "string", "pattern": r"^[^:]{1,80}:\s*\S", "maxLength": 500},
        {"type": "object", "minProperties": 1, "maxProperties": 1},
    ],
}
DURATION_SCHEMA = {
    "type": "string",
    "pattern": f"^{DURATION.pattern}$",
    "examples": ["365 days", "12 hours", "2 weeks"],
}
SPAN_SCHEMA = {
    "type": "string",
    "pattern": f"^({DURATION.pattern}|{WORKING.pattern})$",
    "examples": ["5 working days", "5 days", "12 hours"],
}
BASELINE_SCHEMA = {
    "type": "string",
    "pattern": r"^(latest blessed|alias \S{1,255}|version [1-9][0-9]{0,8})$",
    "examples": ["latest blessed", "alias champion", "version 3"],
}

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(duration_text),
    WithJsonSchema(DURATION_SCHEMA, mode="validation"),
]
Due = Annotated[
    Span,
    BeforeValidator(parse_span),
    PlainSerializer(duration_text),
    WithJsonSchema(SPAN_SCHEMA, mode="validation"),
]
PolicyRule = Annotated[
    Rule,
    BeforeValidator(_read_rule),
    PlainSerializer(_rule_json),
    WithJsonSchema(RULE_SCHEMA, mode="validation"),
]


class Part(BaseModel):
    """Every part of a policy is frozen and refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class AppliesTo(Part):
    """Every criterion given must hold; a criterion left out holds for all."""

    tiers: tuple[Annotated[int, Field(ge=1, le=3, strict=True)], ...] = ()
    tags: dict[Word, Word] = {}
    use_cases: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _not_everything(self) -> "AppliesTo":
        if not (self.tiers or self.tags or self.use_cases):
            raise PydanticCustomError("empty", "Say at least one of tiers, tags or use_cases.")
        return self

    def matches(self, *, tier: int, tags: dict[str, str], use_case_slug: str) -> bool:
        return (
            (not self.tiers or tier in self.tiers)
            and all(tags.get(key) == value for key, value in self.tags.items())
            and (not self.use_cases or use_case_slug in self.use_cases)
        )


class Protects(Part):
    aliases: tuple[Word, ...] = ("champion",)
    stages: tuple[Stage, ...] = ("Production",)

    @model_validator(mode="after")
    def _something(self) -> "Protects":
        if not (self.aliases or self.stages):
            raise PydanticCustomError("empty", "Protect at least one alias or stage.")
        return self


class Baseline(Part):
    """What a version is compared with: the latest blessed, an alias' version, or a fixed one."""

    kind: Literal["latest blessed", "alias", "version"] = "latest blessed"
    alias: str = ""
    number: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.alias or self.number}"
            if self.kind != "latest blessed"
            else self.kind
        )


def _read_baseline(value: object) -> Baseline:
    if isinstance(value, Baseline):
        return value
    words = str(value).split()
    match words:
        case ["latest", "blessed"]:
            return Baseline()
        case ["alias", name] if len(name) <= 255:
            return Baseline(kind="alias", alias=name)
        case ["version", number] if re.fullmatch(r"[1-9]\d{0,8}", number):
            return Baseline(kind="version", number=int(number))
    raise PydanticCustomError(
        "baseline", "Write “latest blessed”, “alias champion” or “version 3”."
    )


PolicyBaseline = Annotated[
    Baseline,
    BeforeValidator(_read_baseline),
    PlainSerializer(str),
    WithJsonSchema(BASELINE_SCHEMA, mode="validation"),
]


class CardDuty(Part):
    """The gate for which the model card must be complete."""

    complete_for: Literal["register", "scope", "evaluate", "review", "release", "deploy"] = (
        "review"
    )


class Condition(Part):
    """When a step is asked for; everything that is said here must hold."""

    tiers: tuple[Annotated[int, Field(ge=1, le=3, strict=True)], ...] = ()
    warnings: Annotated[bool | None, Field(strict=True)] = None
    change: Literal["minor", "major"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self == Condition.model_construct():
            raise PydanticCustomError("empty", "Say at least one of tiers, warnings or change.")
        return self

    def __str__(self) -> str:
        parts = []
        if self.tiers:
            parts.append(f"the tier is {' or '.join(map(str, self.tiers))}")
        if self.warnings is not None:
            parts.append("a rule warns" if self.warnings else "no rule warns")
        if self.change:
            parts.append(f"the change is {self.change}")
        return " and ".join(parts)


class ApprovalStep(Part):
    """One signature asked for: who must give it, how many, what signing means, by when.

    A `parallel` step is open together with the step before it. With `veto` one rejection ends the
    request; without, only so many that the quorum is out of reach.
    """

    step: Word
    activity: Word
    duty: Literal["R", "A"]
    quorum: Annotated[int, Field(ge=1, le=10, strict=True)] = 1
    veto: Annotated[bool, Field(strict=True)] = True
    parallel: Annotated[bool, Field(strict=True)] = False
    meaning: Word
    due_in: Due | None = None
    only_if: Condition | None = None


class MinorChange(Part):
    """What must be as in the version that serves now, for a change to be minor."""

    unchanged: Annotated[tuple[Kept, ...], Field(min_length=1)]


class Consult(Part):
    duty: Literal["C"] = "C"
    due_in: Due | None = None


class FollowUp(Part):
    """What happens while something waits: reminders before it is due, escalation and expiry after.

    A reminder goes out half-way between asking and the due date, and so long before it as each of
    `remind_before` says. What is overdue goes to whoever is accountable after `escalate_after`, and on
    after as long again; after `expire_after` the request ends. Changes have to be handed in within
    `changes_within` of being asked for.
    """

    half_way: Annotated[bool, Field(strict=True)] = True
    remind_before: Annotated[tuple[Due, ...], Field(max_length=5)] = (WorkingDays(1),)
    escalate_after: Due = WorkingDays(1)
    expire_after: Due = WorkingDays(10)
    changes_within: Due = WorkingDays(20)


class Separation(Part):
    """Who is kept from voting; contributors made the version or its evidence."""

    requester: Permission = "may not vote"
    contributors: Permission = "may not vote"

    @property
    def requester_may_vote(self) -> bool:
        return self.requester == "may vote"

    @property
    def contributors_may_vote(self) -> bool:
        return self.contributors == "may vote"


class Signature(Part):
    """In which tiers a signature takes the password and a second factor; elsewhere one of them does."""

    second_factor: tuple[Annotated[int, Field(ge=1, le=3, strict=True)], ...] = ()


class Exceptions(Part):
    """Whether a red rule may be excepted for a time, and for how long; the tier's limit stands."""

    allowed: Annotated[bool, Field(strict=True)] = True
    at_most: Duration | None = None

    @field_validator("at_most")
    @classmethod
    def _a_day(cls, at_most: timedelta | None) -> timedelta | None:
        if at_most is not None and at_most < timedelta(days=1):
            raise PydanticCustomError("duration", "An exception lasts at least one day.")
        return at_most


Steps = Annotated[tuple[ApprovalStep, ...], Field(max_length=20)]
DECIDE_RETIREMENT = ApprovalStep(
    step="retirement",
    activity="decide_retirement",
    duty="A",
    meaning="decided to retire",
    due_in="10 working days",
)


class Revalidation(Part):
    """After which time, by tier, a version that serves is to be validated again, and by whom.

    People are told `ask_before` a clearance ends. Without `approvals` those of the policy sign.
    """

    every: dict[Annotated[int, Field(ge=1, le=3)], Duration] = {}
    ask_before: Duration = timedelta(days=30)
    approvals: Steps = ()


class Retirement(Part):
    """Who decides that a version retires from a protected pointer."""

    approvals: Annotated[Steps, Field(min_length=1)] = (DECIDE_RETIREMENT,)


class PolicyDocument(Part):
    """A whole policy; see docs/data/policies for examples.

    One that `extends` another is whole once what it takes over stands in it (inheritance.py).
    """

    policy: Annotated[str, Field(max_length=80)]
    extends: Annotated[str, Field(max_length=80)] = ""
    base: Annotated[bool, Field(strict=True)] = False
    applies_to: Annotated[AppliesTo | None, Field(validate_default=True)] = None
    protects: Protects = Protects()
    baseline: PolicyBaseline = Baseline()
    interval: Mode = Mode.POINT
    rules: Annotated[tuple[PolicyRule, ...], Field(min_length=1, max_length=100)]
    card: CardDuty = CardDuty()
    approvals: Annotated[tuple[ApprovalStep, ...], Field(min_length=1, max_length=20)]
    minor_change: MinorChange | None = None
    consult: Consult | None = None
    follow_up: FollowUp = FollowUp()
    separation: Separation = Separation()
    signature: Signature = Signature()
    exceptions: Exceptions = Exceptions()
    valid_for: Duration
    lapses_on: tuple[Lapse, ...] = get_args(Lapse)
    revalidation: Revalidation = Revalidation()
    retirement: Retirement = Retirement()
    base_models: Literal["any", "adopted"] = "any"

    @field_validator("policy", "extends")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise PydanticCustomError(
                "name", "A policy's name has lower-case letters, digits and single hyphens."
            )
        return name

    @field_validator("applies_to", mode="before")
    @classmethod
    def _for_some_models(cls, criteria: object, info: ValidationInfo) -> object:
        """A policy says for which models it is; only a base is for none."""
        is_base = info.data.get("base", False)
        if criteria is None and not is_base:
            raise PydanticCustomError("missing", "Field required")
        if criteria is not None and is_base:
            raise PydanticCustomError(
                "base", "A base is for no models itself: take out “applies_to” or “base: true”."
            )
        return criteria

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        if self.extends == self.policy:
            raise PydanticCustomError("base", "A policy cannot extend itself.")
        return self

    def applies(self, *, tier: int, tags: dict[str, str], use_case_slug: str) -> bool:
        """Whether it is for such a model; a base is for none."""
        return self.applies_to is not None and self.applies_to.matches(
            tier=tier, tags=tags, use_case_slug=use_case_slug
        )

    def takes_two_factors(self, tier: int) -> bool:
        """Whether a signature in a use case of this tier takes the password and a second factor."""
        return tier in self.signature.second_factor

    def mode_of(self, rule: Rule) -> Mode:
        return rule.mode or self.interval

    def lasts(self, tier: int) -> timedelta:
        """How long a clearance holds: no longer than until the next validation."""
        return min(self.valid_for, self.revalidation.every.get(tier, self.valid_for))


class OwnDocument(PolicyDocument):
    """What the text of a policy that extends another says itself; the rest it takes over."""

    rules: Annotated[tuple[PolicyRule, ...], Field(max_length=100)] = ()
    approvals: Annotated[tuple[ApprovalStep, ...], Field(max_length=20)] = ()
    valid_for: Duration | None = None

    def says(self, key: str) -> bool:
        """Whether the text itself has the key."""
        return key in self.model_fields_set


def read(text: str) -> PolicyDocument:
    """Reads a whole policy's text; raises InvalidPolicy with every problem and its place."""
    return read_placed(text)[0]


def read_placed(text: str) -> tuple[PolicyDocument, Source]:
    """Reads a whole policy's text and keeps the places, for those with more to say about it."""
    source = read_mapping(text)
    return understand(source), source


def read_own(text: str) -> tuple[PolicyDocument, Source]:
    """Reads what a text says itself: an OwnDocument where it extends another policy."""
    source = read_mapping(text)
    form = OwnDocument if source.data.get("extends") else PolicyDocument
    return understand(source, form), source


def read_mapping(text: str) -> Source:
    """Reads the keys and values of a text, which need not be a policy's."""
    try:
        source = read_source(text)
    except Unreadable as error:
        raise InvalidPolicy([error.problem]) from None
    if not isinstance(source.data, dict):
        raise InvalidPolicy([Problem("A policy is a list of “key: value” lines.", 1, 1)])
    return source


def understand(source: Source, form: type[PolicyDocument] = PolicyDocument) -> PolicyDocument:
    """Returns the typed values of what was read."""
    try:
        return form.model_validate(source.data)
    except ValidationError as error:
        raise InvalidPolicy(_problems(error, source)) from None


def _problems(error: ValidationError, source: Source) -> list[Problem]:
    """Lists each cause once: a list is not also “too short” because its items were refused."""
    errors = error.errors(include_url=False)
    paths = [one["loc"] for one in errors]
    causes = [
        one
        for one in errors
        if not any(
            len(path) > len(one["loc"]) and path[: len(one["loc"])] == one["loc"]
            for path in paths
        )
    ]
    # What is missing often stands there misspelt, so the unknown keys come first.
    causes.sort(key=lambda one: (one["type"] == "missing", source.place(tuple(one["loc"]))))
    return [_problem(one, source) for one in causes]


def _problem(one: ErrorDetails, source: Source) -> Problem:
    path: Path = tuple(one["loc"])
    line, column = source.place(path)
    if one["type"] == "rule" and "ctx" in one:
        column += one["ctx"]["column"] - 1
    return Problem(_sentence(one, path), line, column)


def _sentence(one: ErrorDetails, path: Path) -> str:
    key = path[-1] if path else "policy"
    match one["type"]:
        case "missing":
            return f"“{key}” is missing."
        case "extra_forbidden":
            return f"“{key}” is not known here; {vocabulary.did_you_mean(str(key), _keys_at(path[:-1]))}"
        case "literal_error" | "enum":
            known = re.findall(r"'([^']*)'", one["ctx"]["expected"])
            return f"“{one['input']}” is not known here; {vocabulary.did_you_mean(str(one['input']), known)}"
        case "rule" | "duration" | "baseline" | "empty" | "name" | "base":
            return one["msg"]
    words = [part for part in path if isinstance(part, str)]
    return f"{'.'.join(words)}: {one['msg'].replace('Input', 'it')[:200]}."


def _keys_at(path: Path) -> list[str]:
    """Returns the keys known at a place of the document."""
    model: type[BaseModel] = PolicyDocument
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
