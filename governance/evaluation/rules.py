"""Who may have a version measured: pure questions over plain facts."""

from dataclasses import dataclass

ACTIVITY = "run_blessing"


@dataclass(frozen=True)
class Asker:
    """What is known of the one who asks; a governed model has an activity title."""

    activity_title: str
    carries_activity: bool
    made_version_or_model: bool


def why_not_request(asker: Asker, verb: str) -> list[str]:
    """Returns the reasons against; empty when the person may. `verb` is what is asked for."""
    if asker.activity_title and not asker.carries_activity:
        return [f"You need Responsible or Accountable for {asker.activity_title}."]
    if not asker.activity_title and not asker.made_version_or_model:
        return [f"The model has no use case: only who made it or this version may {verb} it."]
    return []
