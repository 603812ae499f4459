import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer

TOPICS = ["money", "sport", "art"]
MAPPED = {
    "labels": {name: name for name in TOPICS},
    "scores": {name: f"p_{name}" for name in reversed(TOPICS)},
    "slices": ["source"],
}


def articles(rows=400, seed=2):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({f"p_{name}": random.beta(2, 3, rows) for name in TOPICS})
    for name in TOPICS:
        frame[name] = (random.random(rows) < frame[f"p_{name}"]).astype(int)
    return frame.assign(
        source=random.choice(["web", "print"], rows), weight=random.uniform(0.2, 3, rows)
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_agree_with_scikit_learn_overall_and_by_slice(figures, weighted):
    frame = articles()
    mapping = MAPPED | ({"weight": "weight"} if weighted else {})

    found = figures(frame, (mapping, "multilabel"), threshold=0.4)

    for key, group in [
        (("", ""), frame),
        *((("source", v), g) for v, g in frame.groupby("source")),
    ]:
        by = {"sample_weight": group.weight} if weighted else {}
        true, said = group[TOPICS], group[[f"p_{n}" for n in TOPICS]].to_numpy() >= 0.4
        expected = {
            "subset_accuracy": peer.accuracy_score(true, said, **by),
            "hamming_loss": peer.hamming_loss(true, said, **by),
            "f1_micro": peer.f1_score(true, said, average="micro", **by),
            "f1_macro": peer.f1_score(true, said, average="macro", **by),
            "precision_micro": peer.precision_score(true, said, average="micro", **by),
            "recall_micro": peer.recall_score(true, said, average="micro", **by),
        }
        for metric, value in expected.items():
            assert found[key][metric].value == pytest.approx(value, rel=1e-9), (key, metric)


def test_each_label_is_measured_by_itself(figures):
    frame = articles()

    found = figures(frame, (MAPPED, "multilabel"))

    for name in TOPICS:
        auc = peer.roc_auc_score(frame[name], frame[f"p_{name}"])
        assert found["class", name]["auc"].value == pytest.approx(auc, abs=1e-12)
    assert found["source", "web"]["auc_macro"].method == "measured over all rows only"


def test_the_interval_of_a_ratio_of_sums_covers_as_often_as_it_says(figures):
    everything = articles(100_000, seed=9)
    truth = peer.f1_score(
        everything[TOPICS], everything[[f"p_{n}" for n in TOPICS]] >= 0.5, average="micro"
    )
    hits = 0
    for start in range(0, 100_000, 250):
        part = everything.iloc[start : start + 250]
        found = figures(part, (MAPPED | {"slices": []}, "multilabel"))["", ""]["f1_micro"]
        hits += found.low <= truth <= found.high

    assert 0.925 <= hits / 400 <= 0.975
