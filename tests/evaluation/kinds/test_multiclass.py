import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from governance.errors import Invalid

NAMES = ["barolo", "grignolino", "barbera"]
SCORES = {name: f"p_{name}" for name in NAMES}
MAPPED = {"prediction": "said", "label": "wine", "scores": SCORES, "slices": ["strong"]}


@pytest.fixture(scope="module")
def wines():
    """A real model's predictions of real wines, by few of their properties so that some are wrong."""
    data, kinds = load_wine(return_X_y=True)
    seen, unseen, known, true = train_test_split(
        data[:, :3], kinds, test_size=0.7, random_state=0, stratify=kinds
    )
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen, known)
    shares = model.predict_proba(unseen)
    frame = pd.DataFrame(shares, columns=list(SCORES.values()))
    frame["wine"], frame["said"] = np.array(NAMES)[true], np.array(NAMES)[shares.argmax(axis=1)]
    frame["strong"] = unseen[:, 0] > 13
    frame["weight"] = np.random.default_rng(1).uniform(0.2, 3, len(frame))
    return frame


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_agree_with_scikit_learn_overall_and_by_slice(figures, wines, weighted):
    found = figures(wines, (MAPPED | ({"weight": "weight"} if weighted else {}), "multiclass"))

    groups = [(("", ""), wines)]
    groups += [(("strong", str(v).lower()), group) for v, group in wines.groupby("strong")]
    for key, group in groups:
        by = {"sample_weight": group.weight} if weighted else {}
        said, true = group.said, group.wine
        macro = {"average": "macro", "zero_division": 0, **by}
        expected = {
            "accuracy": peer.accuracy_score(true, said, **by),
            "balanced_accuracy": peer.balanced_accuracy_score(true, said, **by),
            "f1_macro": peer.f1_score(true, said, **macro),
            "f1_weighted": peer.f1_score(true, said, **(macro | {"average": "weighted"})),
            "precision_macro": peer.precision_score(true, said, **macro),
            "recall_macro": peer.recall_score(true, said, **macro),
            "mcc": peer.matthews_corrcoef(true, said, **by),
            "kappa": peer.cohen_kappa_score(true, said, **by),
            "logloss": peer.log_loss(
                true, group[[SCORES[n] for n in sorted(NAMES)]], labels=sorted(NAMES), **by
            ),
        }
        for metric, value in expected.items():
            assert found[key][metric].value == pytest.approx(value, rel=1e-9), (key, metric)


@pytest.mark.parametrize("few_rows", [0, 1_000])
def test_each_class_is_measured_against_the_rest(figures, wines, few_rows):
    found = figures(wines, (MAPPED, "multiclass"), few_rows=few_rows)

    for name in NAMES:
        mine = found["class", name]
        is_it, said = wines.wine == name, wines.said == name
        assert mine["auc"].value == pytest.approx(
            peer.roc_auc_score(is_it, wines[SCORES[name]])
        )
        assert mine["precision"].value == pytest.approx(peer.precision_score(is_it, said))
        assert mine["recall"].value == pytest.approx(peer.recall_score(is_it, said))
    assert found["", ""]["auc_macro"].value == pytest.approx(
        np.mean([peer.roc_auc_score(wines.wine == n, wines[SCORES[n]]) for n in NAMES])
    )


def test_without_scores_nothing_is_ranked(figures, wines):
    found = figures(wines, ({"prediction": "said", "label": "wine"}, "multiclass"))

    assert found["", ""]["auc_macro"].value is None
    assert "auc" not in found["class", "barolo"]
    assert found["class", "barolo"]["recall"].has_interval


def test_a_class_without_scores_is_refused_by_name(figures, wines):
    strange = wines.assign(said=["merlot", *wines.said[1:]])

    with pytest.raises(Invalid, match="“said” has the class “merlot”, which has no scores"):
        figures(strange, (MAPPED, "multiclass"))


def test_more_than_fifty_classes_are_refused(figures):
    frame = pd.DataFrame({"said": np.arange(60), "wine": np.arange(60)})

    with pytest.raises(Invalid, match="more than 50 classes"):
        figures(frame, ({"prediction": "said", "label": "wine"}, "multiclass"))


def test_a_slice_called_class_would_hide_the_classes(figures, wines):
    with pytest.raises(Invalid, match="rename the slice column"):
        figures(wines, (MAPPED | {"slices": ["class"]}, "multiclass"))
