"""The matrices that a new one may start from: proposals of ours, not standards, or the organisation's own.

`RACI_TEMPLATE` says which one is taken when nobody chooses: the key of one of ours, or a JSON file
of the same form. A version of a matrix may be chosen instead, see `raci.organisation`. A template is a snapshot (see `raci.edits`) with a title and a description.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from raci import rules, versions
from raci.components import COMPONENTS
from raci.document import built
from raci.errors import Invalid

OURS = Path(__file__).parent / "matrix_templates"
DEFAULT = "default"
ORGANISATION = "organisation"
MAX_BYTES = 500_000


@dataclass(frozen=True)
class Template:
    key: str
    title: str
    description: str
    snapshot: dict

    @property
    def grid(self) -> list[rules.Line]:
        """The template as the rules see it."""
        return versions.lines(self.snapshot)


def templates() -> list[Template]:
    """All there are besides a chosen matrix, first that of the setting."""
    first = template()
    return [first, *(one for one in ours().values() if one.key != first.key)]


def template(key: str = "") -> Template:
    """The named template; without a name, that of the setting."""
    chosen = settings.RACI_TEMPLATE or DEFAULT
    wanted = key or chosen
    if wanted in ours():
        return ours()[wanted]
    if chosen not in ours() and wanted in (chosen, ORGANISATION):
        return read(ORGANISATION, Path(chosen))
    raise Invalid(
        f"There is no RACI template called {wanted[:60]}; there is {', '.join(ours())}.",
        field="template",
    )


@cache
def ours() -> dict[str, Template]:
    """The templates that come with the server, by key."""
    keys = [DEFAULT, *sorted(path.stem for path in OURS.glob("*.json") if path.stem != DEFAULT)]
    return {key: read(key, OURS / f"{key}.json") for key in keys}


def read(key: str, path: Path) -> Template:
    """Reads a template file; Invalid says what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Invalid(f"It has more than {MAX_BYTES:,} bytes.")
        stated = json.loads(path.read_text())
        return _checked(key, stated)
    except (OSError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
    except Invalid as refusal:
        reason = " ".join([refusal.sentence, *refusal.reasons])
    raise Invalid(
        f"The RACI template {path.name} cannot be used. {reason}", field="template"
    ) from None


def known_activities() -> list[str]:
    """The keys of all activities that a matrix made here may have, for what refers to them by key."""
    keys = (line.key for one in templates() for line in one.grid)
    return list(dict.fromkeys([*keys, *(one.key for one in COMPONENTS)]))


def titles() -> dict[str, str]:
    """The words for the known activities; where templates differ, those of the first."""
    found = {one.key: one.title for one in COMPONENTS}
    for one in reversed(templates()):
        found |= {line.key: line.title for line in one.grid}
    return found


def _checked(key: str, stated: dict) -> Template:
    """A template has to be sound, not only well formed."""
    snapshot = built(stated)
    problems = [one.sentence for one in rules.check(versions.lines(snapshot))]
    if problems:
        raise Invalid("It breaks the rules of a sound matrix.", reasons=problems)
    return Template(
        key, str(stated.get("title", key)), str(stated.get("description", "")), snapshot
    )
