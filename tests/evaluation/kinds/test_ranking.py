import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer

MAPPED = {"query": "search", "label": "gain", "score": "score", "slices": ["country"]}


def searches(queries=60, seed=3, steps=None):
    random = np.random.default_rng(seed)
    rows = []
    for query in range(queries):
        for _ in range(random.integers(2, 30)):
            score = random.random()
            gain = random.choice([0, 0, 1, 2, 3]) if random.random() < score + 0.2 else 0
            rows.append(
                (f"q{query}", gain, score if steps is None else round(score, steps), query)
            )
    frame = pd.DataFrame(rows, columns=["search", "gain", "score", "country"])
    frame["country"] = np.where(frame.country % 3, "at", "de")
    return frame.loc[frame.groupby("search").gain.transform("max") > 0]


@pytest.mark.parametrize("steps", [None, 1])
@pytest.mark.parametrize("depth", [1, 5, 10])
def test_ndcg_agrees_with_scikit_learn_even_with_ties(figures, steps, depth):
    frame = searches(steps=steps)
    expected = [
        peer.ndcg_score([group.gain], [group.score], k=depth)
        for _, group in frame.groupby("search")
        if len(group) > 1
    ]

    found = figures(frame, (MAPPED, "ranking"), depth=depth)["", ""]

    assert found["queries"].value == frame.search.nunique()
    assert found["ndcg"].value == pytest.approx(np.mean(expected), rel=1e-9)


def naive(frame, depth):
    precisions, firsts = [], []
    for _, group in frame.groupby("search"):
        hits = (
            group.sort_values(["score", "gain"], ascending=[False, True]).gain > 0
        ).to_numpy()
        places = np.flatnonzero(hits[:depth]) + 1
        found = [np.mean(hits[:place]) for place in places]
        precisions.append(sum(found) / min(depth, hits.sum()))
        firsts.append(1 / places[0] if len(places) else 0)
    return np.mean(precisions), np.mean(firsts)


@pytest.mark.parametrize("depth", [1, 5, 10])
def test_precision_and_reciprocal_rank_are_what_a_loop_finds(figures, depth):
    frame = searches(steps=1)
    precision, first = naive(frame, depth)

    found = figures(frame, (MAPPED, "ranking"), depth=depth)["", ""]

    assert found["map"].value == pytest.approx(precision, rel=1e-9)
    assert found["mrr"].value == pytest.approx(first, rel=1e-9)


def test_slices_rank_their_own_queries(figures):
    frame = searches()

    found = figures(frame, (MAPPED, "ranking"))
    alone = figures(frame[frame.country == "at"], (MAPPED | {"slices": []}, "ranking"))

    assert found["country", "at"]["ndcg"].value == pytest.approx(alone["", ""]["ndcg"].value)


def test_queries_without_anything_relevant_are_left_out_and_told(figures):
    nothing = pd.DataFrame(
        {
            "search": ["none"] * 4,
            "gain": [0] * 4,
            "score": [0.1, 0.2, 0.3, 0.4],
            "country": "at",
        }
    )

    found = figures(pd.concat([searches(), nothing]), (MAPPED, "ranking"))["", ""]

    assert "1 without anything relevant" in found["ndcg"].method
    assert found["ndcg"].value == pytest.approx(
        figures(searches(), (MAPPED, "ranking"))["", ""]["ndcg"].value
    )
