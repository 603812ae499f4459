"""What can be measured and how: metrics, intervals and tallies in NumPy; knows no file, row or database."""

from governance.metrics.catalogue import METRICS, REPORTED, SYNONYMS, title
from governance.metrics.metric import Metric

__all__ = ["METRICS", "REPORTED", "SYNONYMS", "Metric", "title"]
