"""What can be measured and how: metrics, intervals and tallies in NumPy; knows no file, row or database."""

from governance.metrics.catalogue import METRICS, SYNONYMS
from governance.metrics.metric import Metric

__all__ = ["METRICS", "SYNONYMS", "Metric"]
