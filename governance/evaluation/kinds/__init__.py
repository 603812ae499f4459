"""How the rows of each task are tallied: one class a task, all with the one method tallied()."""

from governance.evaluation.kinds.binary import Binary
from governance.evaluation.kinds.multiclass import MultiClass
from governance.evaluation.kinds.multilabel import MultiLabel
from governance.evaluation.kinds.ranking import Ranking
from governance.evaluation.kinds.regression import Regression

KINDS = {
    "binary": Binary,
    "multiclass": MultiClass,
    "multilabel": MultiLabel,
    "ranking": Ranking,
    "regression": Regression,
}
