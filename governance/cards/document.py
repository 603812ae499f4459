"""The card of one version as a whole: its sections, what it lacks, and the digest that names it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from governance.blessing.models import Blessing
from governance.cards import facts, render
from governance.cards.fields import GATES, Completeness, Field, Section, is_asked_by
from governance.cards.models import CardRevision
from governance.cards.sections import sections
from governance.errors import Invalid
from governance.usecases.models import UseCase
from registry.models import ModelVersion


@dataclass(frozen=True)
class CardDocument:
    """A card as it stands at this moment; `digest` changes with every word and figure on it."""

    version: ModelVersion
    sections: tuple[Section, ...]
    revision: CardRevision | None
    sentence: str

    @property
    def title(self) -> str:
        return f"Model card of {self.version.label}"

    @cached_property
    def digest(self) -> str:
        text = json.dumps(
            render.content(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def fields(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields

    def field(self, key: str) -> Field:
        return next(field for field in self.fields() if field.key == key)


def build(
    version: ModelVersion,
    *,
    use_case: UseCase | None = None,
    blessing: Blessing | None = None,
) -> CardDocument:
    """Builds the card from the records and from what people wrote; pass on what you have read."""
    known = facts.gather(version, use_case=use_case, blessing=blessing)
    return CardDocument(
        version, sections(known), known.writing.revision, known.writing.sentence
    )


def completeness(document: CardDocument, gate: str) -> Completeness:
    """What a gate asks for and the card has or lacks."""
    if gate not in GATES:
        raise Invalid(f"A card is complete for one of {', '.join(GATES)}.", field="gate")
    asked = [field for field in document.fields() if is_asked_by(field, gate)]
    missing = tuple(field for field in asked if not field.is_filled)
    return Completeness(gate, len(asked) - len(missing), len(asked), missing)
