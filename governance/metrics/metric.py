"""What a metric is: its words, its range, and the function that computes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from governance.metrics.statistics import Estimate

# Below this many rows a group's figures are hidden, so that nobody can be recognised in them.
HIDDEN_UNDER = 10


@dataclass(frozen=True)
class Terms:
    """What turns scores into decisions and decisions into cost; no costs: cost is not measured.

    `depth` is how many places of a ranking are looked at, `quantile` the one that a quantile
    forecast aims at.
    """

    threshold: float = 0.5
    favourable: str = "negative"
    costs: dict[str, float] = field(default_factory=dict)
    depth: int = 10
    quantile: float = 0.5


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, its unit, which direction is better, and what it says.

    `lowest` and `highest` bound what it can be; `share_of` names what a rate is a share of, so
    that rates of groups can be divided; `compute` turns the tally of a group into an estimate.
    """

    key: str
    title: str
    unit: str
    direction: str
    description: str
    compute: Callable[[Any, Terms], Estimate]
    needs_threshold: bool = False
    lowest: float = 0.0
    highest: float = 1.0
    share_of: str = ""

    @property
    def is_cost(self) -> bool:
        return self.unit in ("cost", "total cost")

    @property
    def is_bounded(self) -> bool:
        return self.highest < inf
