import numpy as np
import pytest
import sklearn.metrics as peer

from governance.errors import Invalid
from tests.evaluation.factories import predictions

MAPPED = {"score": "score", "label": "bad"}


def people(rows=2_000):
    random = np.random.default_rng(4)
    years = random.integers(18, 80, rows).astype(float)
    years[:40] = np.nan
    return predictions(rows, years=years, sex=random.choice(["f", "m"], rows))


@pytest.mark.parametrize("few_rows", [0, 10_000])
def test_a_number_is_sliced_by_the_edges_given(figures, few_rows):
    frame = people()
    young = frame[frame.years < 25]

    found = figures(
        frame,
        (MAPPED | {"slices": [{"field": "years", "edges": [25, 65]}]}, "binary"),
        few_rows=few_rows,
    )

    assert [value for field, value in found if field == "years"] == [
        "(missing)",
        "under 25",
        "25 to under 65",
        "65 and over",
    ]
    assert found["years", "under 25"]["n"].value == len(young)
    assert found["years", "under 25"]["auc"].value == pytest.approx(
        peer.roc_auc_score(young.bad, young.score), abs=1e-4 if few_rows == 0 else 1e-12
    )


@pytest.mark.parametrize("as_csv", [False, True])
def test_quantiles_make_bands_of_equal_size(figures, as_csv):
    found = figures(
        people(),
        (MAPPED | {"slices": [{"field": "years", "quantiles": 4}]}, "binary"),
        as_csv=as_csv,
    )

    sizes = [found[key]["n"].value for key in found if key[0] == "years"][1:]
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) < 100


@pytest.mark.parametrize("few_rows", [0, 10_000])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_two_fields_are_crossed(figures, few_rows, task):
    frame = people()
    own = frame[(frame.years >= 65) & (frame.sex == "f")]
    columns = MAPPED if task == "binary" else {"prediction": "score", "label": "bad"}

    found = figures(
        frame,
        (
            columns
            | {"slices": ["sex", {"cross": [{"field": "years", "edges": [65]}, "sex"]}]},
            task,
        ),
        few_rows=few_rows,
    )

    assert found["years x sex", "65 and over x f"]["n"].value == len(own)
    assert sum(found[key]["n"].value for key in found if key[0] == "years x sex") == len(frame)
    assert found["sex", "f"]["n"].value == (frame.sex == "f").sum()


def test_too_many_combinations_are_refused(figures):
    random = np.random.default_rng(5)
    frame = predictions(5_000, a=random.integers(0, 40, 5_000), b=random.integers(0, 40, 5_000))

    with pytest.raises(Invalid, match="more than 500 combinations"):
        figures(frame, (MAPPED | {"slices": [{"cross": ["a", "b"]}]}, "binary"))


@pytest.mark.parametrize(
    ("slices", "sentence"),
    [
        ([{"field": "years", "edges": [3, 1]}], "Edges are rising numbers"),
        ([{"field": "years", "edges": [True]}], "Edges are rising numbers"),
        ([{"field": "years", "quantiles": 1}], "from 2 to 20"),
        ([{"field": "years", "quantiles": 3, "edges": [1]}], "not both"),
        ([{"field": "years", "bands": 3}], "A slice is a column name"),
        ([{"cross": ["sex"]}], "names two fields"),
        ([{"cross": ["sex", "sex"]}], "cannot be crossed with itself"),
        (["years", {"field": "years", "edges": [1]}], "named twice"),
        ([{"field": "years", "edges": [1]}, {"cross": ["years", "sex"]}], "in two ways"),
        ([{"field": "age", "edges": [30]}], "2,000 values that are not numbers"),
    ],
)
def test_slices_that_cannot_be_made_are_refused(figures, slices, sentence):
    with pytest.raises(Invalid, match=sentence):
        figures(people(), (MAPPED | {"slices": slices}, "binary"))


@pytest.mark.parametrize("few_rows", [0, 10_000])
def test_weights_count_in_both_ways(figures, few_rows):
    frame = people().assign(weight=np.random.default_rng(6).uniform(0.1, 4, 2_000))

    found = figures(
        frame,
        (MAPPED | {"weight": "weight", "slices": ["sex"]}, "binary"),
        few_rows=few_rows,
        threshold=0.3,
    )

    own = frame[frame.sex == "f"]
    for group, key in ((frame, ("", "")), (own, ("sex", "f"))):
        by = {"sample_weight": group.weight}
        decided = group.score >= 0.3
        assert found[key]["n"].value == len(group)
        assert found[key]["auc"].value == pytest.approx(
            peer.roc_auc_score(group.bad, group.score, **by),
            abs=1e-3 if few_rows == 0 else 1e-9,
        )
        assert found[key]["recall"].value == pytest.approx(
            peer.recall_score(group.bad, decided, **by), rel=1e-9
        )
        assert found[key]["brier"].value == pytest.approx(
            peer.brier_score_loss(group.bad, group.score, **by), rel=1e-6
        )
        assert "effective rows" in found[key]["recall"].method


@pytest.mark.parametrize("few_rows", [0, 10_000])
def test_costs_may_differ_from_row_to_row(figures, few_rows):
    frame = people().assign(amount=np.random.default_rng(7).gamma(2, 500, 2_000))
    missed = (frame.score < 0.3) & (frame.bad == 1)
    alarmed = (frame.score >= 0.3) & (frame.bad == 0)
    terms = {"threshold": 0.3, "costs": {"false_positive": 20.0}}
    mapping = MAPPED | {"costs": {"false_negative": "amount"}, "slices": ["sex"]}

    found = figures(frame, (mapping, "binary"), few_rows=few_rows, **terms)

    total = frame.amount[missed].sum() + 20 * alarmed.sum()
    assert found["", ""]["cost_total"].value == pytest.approx(total, rel=1e-9)
    assert found["", ""]["cost_accept_all"].value == pytest.approx(
        frame.amount[frame.bad == 1].sum() / 2_000, rel=1e-9
    )
    of_women = frame.sex == "f"
    assert found["sex", "f"]["cost_total"].value == pytest.approx(
        frame.amount[missed & of_women].sum() + 20 * (alarmed & of_women).sum(), rel=1e-9
    )
