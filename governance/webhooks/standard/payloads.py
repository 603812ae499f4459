"""What a governance webhook says, and the schema of it: the classes here write both.

Ids, names, addresses and the words of who decided; never evidence, secrets or whole texts. Fields are
added, and never renamed or taken away, without another name for the event.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.db.models import Model
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from governance.webhooks.standard.events import Governed
from registry.models import ModelVersion, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.audit.models import Entry

LONGEST_WORDS = 1000


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)


class Actor(Said):
    """Who did it; without a user name where the server itself did."""

    username: str | None = Field(examples=["rui"])
    name: str = Field(examples=["Rui Risk"])


class Subject(Said):
    """What it is about."""

    kind: str = Field(
        description="Such as approvals.request or registry.modelversion.",
        examples=["approvals.request"],
    )
    id: str = Field(examples=["7"])
    label: str = Field(examples=["credit-scoring v3 for champion"])
    url: str | None = Field(
        description="The page of it, for people.",
        examples=["https://imprimatur.example.com/approvals/7/"],
    )


class Facts(Said):
    """What every event tells."""

    entry: int = Field(
        description="Number of the entry in the audit trail; the same when it is sent again.",
        examples=[4711],
    )
    sentence: str = Field(
        description="What happened, for people.",
        examples=["Request approved: credit-scoring v3 for champion"],
    )
    actor: Actor
    subject: Subject
    model: str | None = Field(
        default=None, description="Name of the registered model.", examples=["credit-scoring"]
    )
    version: int | None = Field(
        default=None, description="Number of its version.", examples=[3]
    )


class Decided(Facts):
    """With the reason that was given, its beginning if it is long."""

    reason: str = Field(default="", examples=["All steps are signed."])


class RequestOpened(Facts):
    policy: str | None = Field(default=None, examples=["credit-decisions v2"])
    steps: list[str] = Field(default=[], examples=[["validation", "release"]])
    evidence_digest: str | None = Field(default=None, examples=["sha256:3b0c…"])


class Signed(Decided):
    step: str | None = Field(default=None, examples=["validation"])
    decision: str = Field(description="What was signed.", examples=["approve"])
    meaning: str = Field(description="What the signature stands for.", examples=["validated"])
    capacity: str = Field(
        description="By which duty they signed.", examples=["Responsible for validation"]
    )
    letter: str = Field(default="", examples=["R"])
    role: str = Field(default="", examples=["Risk and validation"])
    digest: str | None = Field(
        default=None, description="Of the evidence that was signed.", examples=["sha256:3b0c…"]
    )


class Advised(Facts):
    duty: str | None = Field(default=None, examples=["Consulted for approve_release"])


class Silent(Facts):
    person: str = Field(description="Name of who was asked.", examples=["Olu Ops"])
    duty: str = Field(examples=["Consulted for approve_release"])
    due_at: AwareDatetime = Field(examples=[datetime(2026, 1, 31, 12, tzinfo=UTC)])


class Escalated(Facts):
    step: str = Field(examples=["validation"])
    due_at: AwareDatetime = Field(examples=[datetime(2026, 1, 31, 12, tzinfo=UTC)])
    people: list[str] = Field(
        description="Names of those to whom it went on.", examples=[["Bea Business"]]
    )


class ConditionTold(Decided):
    condition: str = Field(examples=["Report the missed cases by branch."])
    owner: str | None = Field(
        default=None, description="Name of who sees to it.", examples=["Ada Data"]
    )
    due_on: date | None = Field(default=None, examples=[date(2026, 2, 1)])


class ClearanceTold(Decided):
    pointer: str = Field(
        description="Alias or stage the clearance is for.", examples=["champion"]
    )
    request: int | None = Field(
        default=None, description="The request it came from.", examples=[7]
    )
    valid_until: AwareDatetime | None = Field(
        default=None, examples=[datetime(2027, 1, 31, 12, tzinfo=UTC)]
    )


class ExceptionTold(Decided):
    rule: str | None = Field(default=None, examples=["auc floor: auc at least 0.75"])
    until: date | None = Field(
        default=None, description="Its last day.", examples=[date(2026, 6, 30)]
    )


class VerdictTold(Facts):
    verdict: str = Field(examples=["blessed"])
    policy: str = Field(examples=["credit-decisions v2"])
    evaluation: str | None = Field(
        default=None, examples=["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"]
    )
    digest: str | None = Field(default=None, examples=["sha256:3b0c…"])


class PolicyTold(Decided):
    digest: str | None = Field(
        default=None, description="Of the policy's text.", examples=["sha256:3b0c…"]
    )


class RaciTold(Facts):
    change: str = Field(
        description="The name of the audit trail's event.", examples=["raci.holder.assigned"]
    )


class TierTold(Decided):
    before: int = Field(examples=[2])
    after: int = Field(examples=[1])


class BaseModelTold(Facts):
    base_model: str = Field(examples=["hf:open-lab/small-7b"])


def _data_of(event: Governed) -> type[Facts]:
    exact: dict[Governed, type[Facts]] = {
        Governed.REQUEST_OPENED: RequestOpened,
        Governed.REQUEST_SIGNED: Signed,
        Governed.REQUEST_ADVISED: Advised,
        Governed.REQUEST_SILENT: Silent,
        Governed.REQUEST_ESCALATED: Escalated,
        Governed.EXCEPTION_SIGNED: Signed,
        Governed.VERDICT_REACHED: VerdictTold,
        Governed.RACI_CHANGED: RaciTold,
        Governed.TIER_CHANGED: TierTold,
        Governed.BASE_MODEL_ADOPTED: BaseModelTold,
    }
    by_family: dict[str, type[Facts]] = {
        "request": Decided,
        "condition": ConditionTold,
        "clearance": ClearanceTold,
        "exception": ExceptionTold,
        "policy": PolicyTold,
    }
    return exact.get(event) or by_family[event.partition(".")[0]]


def _envelope(event: Governed) -> type[BaseModel]:
    """The whole body of one event: its type, when it happened, and the data."""
    words = event.value.replace(".", "_").split("_")
    return create_model(
        "".join(word.capitalize() for word in words) + "Event",
        __base__=Said,
        __doc__=f"{event.label}.",
        type=(Literal[event.value], Field(description="Which event it is.")),
        timestamp=(AwareDatetime, Field(description="When it happened.")),
        data=(_data_of(event), ...),
    )


ENVELOPES: dict[Governed, type[BaseModel]] = {event: _envelope(event) for event in Governed}


def document(event: Governed, data: Facts, at: datetime) -> str:
    """The body of a delivery."""
    told = ENVELOPES[event](type=event.value, timestamp=at.astimezone(UTC), data=data)
    return told.model_dump_json()


def facts_of(event: Governed, entry: "Entry", subject: Model, actor: "User | None") -> Facts:
    """What is told of one entry of the trail."""
    kind = _data_of(event)
    told = _renamed(entry.data)
    own = {name: told[name] for name in kind.model_fields.keys() & told.keys()}
    if "reason" in own:
        own["reason"] = _shortened(own["reason"])
    if "change" in kind.model_fields:
        own["change"] = entry.event
    return kind(
        **own
        | _place(subject)
        | {
            "entry": entry.pk,
            "sentence": entry.sentence,
            "actor": Actor(
                username=actor.get_username() if actor else None, name=entry.actor_name
            ),
            "subject": Subject(
                kind=entry.subject_type,
                id=entry.subject_id,
                label=entry.subject_label,
                url=_address(subject),
            ),
        }
    )


# What the trail calls otherwise.
NAMES = {"evidence_digest": "digest", "rule_text": "rule"}


def _renamed(told: Mapping) -> dict:
    return {**told, **{NAMES[name]: told[name] for name in NAMES.keys() & told.keys()}}


def _place(subject: Model) -> dict[str, object]:
    """The model and version the subject is, or belongs to."""
    found = subject if isinstance(subject, ModelVersion) else getattr(subject, "version", None)
    if isinstance(found, ModelVersion):
        return {"model": found.model.name, "version": found.number}
    return {"model": subject.name} if isinstance(subject, RegisteredModel) else {}


def _address(subject: Model) -> str | None:
    page = getattr(subject, "get_absolute_url", None)
    return settings.PUBLIC_URL + page() if page else None


def _shortened(words: object) -> str:
    text = " ".join(str(words).split())
    return text if len(text) <= LONGEST_WORDS else f"{text[: LONGEST_WORDS - 1]}…"


def example(event: Governed) -> Facts:
    """What a test delivery says: made of the examples of the schema."""
    return _example(_data_of(event)).model_copy(
        update={"sentence": f"{event.label}: this is a test"}
    )


def _example(kind: type[BaseModel]) -> BaseModel:
    values = {}
    for name, field in kind.model_fields.items():
        examples: Sequence = field.examples or []
        values[name] = examples[0] if examples else _example(field.annotation)
    return kind(**values)
