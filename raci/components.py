"""The ten components of a machine-learning system as rows of a matrix, so that each has an owner.

After Sculley and others, “Hidden Technical Debt in Machine Learning Systems” (2015).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from raci.edits import AddActivity, AnyEdit, Edit

STAGE = "components"


@dataclass(frozen=True)
class Component:
    """`near` is the activity whose Accountable owns the component until somebody says otherwise."""

    key: str
    title: str
    near: str


COMPONENTS = [
    Component("component_configuration", "Own the configuration", "release"),
    Component("component_data_collection", "Own the data collection", "source_data"),
    Component("component_data_verification", "Own the data verification", "validate_data"),
    Component("component_feature_extraction", "Own the feature extraction", "prepare_data"),
    Component("component_ml_code", "Own the ML code", "train_model"),
    Component("component_analysis_tools", "Own the analysis tools", "run_blessing"),
    Component(
        "component_process_management", "Own the process management tools", "register_version"
    ),
    Component(
        "component_machine_resources", "Own the machine resource management", "monitor_service"
    ),
    Component("component_serving", "Own the serving infrastructure", "infra_check"),
    Component("component_monitoring", "Own the monitoring", "monitor_model"),
]


def component_edits(snapshot: dict) -> Iterator[AnyEdit]:
    """Adds the components that the matrix lacks, each with an owner and somebody who is told."""
    rows = {one["key"]: one for one in snapshot["activities"]}
    for component in COMPONENTS:
        if component.key in rows:
            continue
        yield AddActivity(component.key, component.title, STAGE)
        near = rows.get(component.near, {"cells": {}})["cells"]
        for code, letters in near.items():
            if letters in ("A", "A/R"):
                yield Edit(component.key, code, "A/R")
            elif letters == "R":
                yield Edit(component.key, code, "C")
