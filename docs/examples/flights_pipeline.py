"""Warns of late flights month by month and reports the business figures beside the metrics.

    pip install requests pandas pyarrow scikit-learn
    IMPRIMATUR_URL=http://127.0.0.1:8000 IMPRIMATUR_TOKEN=… python flights_pipeline.py [flights_2013.parquet]

Two versions, trained on the first three and the first six months of 2013, meet the months that
came afterwards. Nothing is staged: good and bad months are those of the year.
"""

import io
import json
import sys
from pathlib import Path

import pandas as pd
import requests
from credit_pipeline import TOKEN, URL, Imprimatur, Refused, artifact_digest, sha256
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

DATA = Path(__file__).resolve().parent.parent / "data" / "flights_2013.parquet"
USE_CASE = "flight-delays"
MODEL = "flight-delay"
LATE_MINUTES = 15
# A missed warning costs 4, a false one 1: warn as soon as the chance exceeds 1 / (1 + 4).
THRESHOLD = 0.2
SLICES = ["origin", "carrier"]
WORDS = ["carrier", "origin", "dest"]
NUMBERS = [
    "hour",
    "weekday",
    "distance",
    "temp",
    "wind_speed",
    "precip",
    "visib",
    "pressure",
    "humid",
]
SEED = 42


def load(path: Path) -> pd.DataFrame:
    """Flights that arrived, with the label: at least 15 minutes late."""
    flights = pd.read_parquet(path).dropna(subset=["arr_delay"]).reset_index(names="flight")
    departure = flights["scheduled_departure"]
    return flights.assign(
        month=departure.dt.month,
        hour=departure.dt.hour,
        weekday=departure.dt.day_of_week,
        late=flights["arr_delay"].ge(LATE_MINUTES).astype(int),
    )


def train(flights: pd.DataFrame) -> Pipeline:
    unseen = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
    encode = make_column_transformer(
        (OrdinalEncoder(**unseen, max_categories=250), WORDS), remainder="passthrough"
    )
    boosting = HistGradientBoostingClassifier(max_iter=120, random_state=SEED)
    return make_pipeline(encode, boosting).fit(flights[WORDS + NUMBERS], flights["late"])


def ensure_model(server: Imprimatur) -> None:
    try:
        server.post("models/", {"name": MODEL, "description": "Chance that a flight is late."})
    except Refused as refusal:
        if refusal.status != 409:
            raise
    if server.get(f"models/{MODEL}/")["use_case"] is None:
        server.post(f"use-cases/{USE_CASE}/models/", {"model": MODEL})


def register(server: Imprimatur, model: Pipeline, *, months: int, rows: int, data: Path) -> int:
    digest = artifact_digest(model)
    version = server.post(
        f"models/{MODEL}/versions/",
        {
            "source": f"models:/m-{digest.removeprefix('sha256:')[:32]}",
            "digest": digest,
            "description": f"gradient boosting, trained on the first {months} months of 2013",
            "code_commit": f"{Path(__file__).name} {sha256(Path(__file__).read_bytes())}",
            "training_data": f"{data.name}, months 1 to {months}, {rows:,} flights",
            "training_data_digest": sha256(data.read_bytes()),
            "parameters": {"algorithm": type(model[-1]).__name__, "threshold": THRESHOLD},
        },
    )
    print(f"\n{version['label']}: {version['description']}")
    return version["number"]


def hand_in(server: Imprimatur, number: int, flights: pd.DataFrame, month: pd.Period) -> dict:
    """Hands in one month of predictions and returns the job that measures it."""
    file = io.BytesIO()
    flights[["flight", "late", "score", *SLICES]].to_parquet(file, index=False)
    columns = {"score": "score", "label": "late", "row_key": "flight", "slices": SLICES}
    accepted = server.call(
        "POST",
        f"models/{MODEL}/versions/{number}/evaluations/",
        files={"source": (f"{month}.parquet", file.getvalue())},
        data={
            "columns": json.dumps(columns),
            "dataset_name": "Flights out of New York",
            "dataset_version": str(month),
            "period_start": month.start_time.date().isoformat(),
            "period_end": month.end_time.date().isoformat(),
            "threshold": THRESHOLD,
        },
    )
    return accepted["job"]


def observe(server: Imprimatur, flights: pd.DataFrame, month: pd.Period, version: str) -> None:
    """Reports what the business got in a month: late flights announced, minutes lost."""
    late = flights[flights["late"].eq(1)]
    figures = {
        "announced-delays": (
            late["score"].ge(THRESHOLD).mean(),
            len(late),
            f"warnings of {version}",
        ),
        "delay-minutes": (flights["arr_delay"].clip(lower=0).mean(), len(flights), "arrivals"),
    }
    for key, (value, rows, source) in figures.items():
        server.post(
            f"use-cases/{USE_CASE}/kpis/{key}/observations/",
            {
                "period_start": month.start_time.date().isoformat(),
                "period_end": month.end_time.date().isoformat(),
                "value": round(float(value), 4),
                "rows": rows,
                "source": source,
            },
        )


def main() -> None:
    if not TOKEN:
        sys.exit("Set IMPRIMATUR_TOKEN; `manage.py token USER` prints one.")
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    server = Imprimatur(URL, TOKEN)
    flights = load(data)
    ensure_model(server)
    jobs, warned_by = [], {}
    for months in (3, 6):
        learn = flights[flights["month"].le(months)]
        model = train(learn)
        number = register(server, model, months=months, rows=len(learn), data=data)
        for month, rows in flights[flights["month"].gt(months)].groupby("month"):
            scored = rows.assign(score=model.predict_proba(rows[WORDS + NUMBERS])[:, 1])
            period = pd.Period(year=2013, month=month, freq="M")
            jobs.append(hand_in(server, number, scored, period))
            # From July on the second version is the one that warns.
            warned_by[period] = (scored, f"{MODEL} v{number}")
    for period, (scored, version) in warned_by.items():
        observe(server, scored, period, version)
    for job in jobs:
        server.wait_for(job)
    print(f"\n{len(jobs)} months measured, {len(warned_by)} months of KPIs reported.")


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit("\n".join(["Refused:", *refusal.reasons]))
    except requests.ConnectionError:
        sys.exit(f"Nobody answers at {URL}.")
