import pandas as pd
import pytest

from governance.datasets.profile import profile
from governance.runtime.processes import PROJECT


def quiet(done, total, text):
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def credit():
    return pd.read_csv(PROJECT / "docs" / "data" / "german_credit.csv")


@pytest.fixture(params=["parquet", "csv"])
def found(request, credit, tmp_path):
    file = tmp_path / "data"
    credit.to_parquet(file) if request.param == "parquet" else credit.to_csv(file, index=False)
    rows, columns = profile(file, scratch=tmp_path, memory="200MB", progress=quiet)
    return rows, {column["name"]: column for column in columns}


def test_figures_are_those_of_pandas_on_real_data(found, credit):
    rows, columns = found

    assert rows == len(credit)
    for name in credit.columns:
        facts, values = columns[name], credit[name]
        assert facts["missing"] == values.isna().sum(), name
        assert facts["different"] == pytest.approx(values.nunique(), rel=0.1), name
        if pd.api.types.is_numeric_dtype(values):
            assert facts["type"] == "number", name
            assert facts["mean"] == pytest.approx(values.mean(), rel=1e-5), name
            assert facts["p50"] == values.quantile(0.5, interpolation="lower"), name


def test_frequent_values_are_those_of_pandas_and_none_is_rare(found, credit):
    _, columns = found
    for name, facts in columns.items():
        counts = credit[name].astype(str).value_counts()
        for one in facts.get("frequent", []):
            assert one["n"] >= 10
            if not pd.api.types.is_float_dtype(credit[name]):
                assert counts[one["value"]] == one["n"], name


def test_extremes_and_rare_values_are_not_kept(tmp_path):
    frame = pd.DataFrame(
        {"income": [*range(1000), 10**9], "town": ["big"] * 995 + ["tiny"] * 6}
    )
    frame.to_parquet(tmp_path / "data")

    _, (income, town) = profile(
        tmp_path / "data", scratch=tmp_path, memory="200MB", progress=quiet
    )

    assert 10**9 not in income.values()
    assert town["frequent"] == [{"value": "big", "n": 995}]
