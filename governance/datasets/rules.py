"""Who may record a data set: pure questions over plain facts."""

from dataclasses import dataclass

ACTIVITIES = ("source_data", "prepare_data", "validate_data", "run_blessing")


@dataclass(frozen=True)
class Recorder:
    """What is known of the one who records; `has_use_case` tells whether one was chosen."""

    has_use_case: bool
    carries_an_activity: bool
    may_register_models: bool


def why_not_record(recorder: Recorder) -> list[str]:
    """Returns the reasons against; empty when the person may."""
    if recorder.has_use_case and not recorder.carries_an_activity:
        return [
            "You need Responsible or Accountable for the data of the use case, or for its "
            "evaluation."
        ]
    if not recorder.has_use_case and not recorder.may_register_models:
        return ["Without a use case, only who may register models may record a data set."]
    return []
