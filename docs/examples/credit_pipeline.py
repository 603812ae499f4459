"""Trains credit models and takes them through Imprimatur, over HTTP and nothing else.

    pip install requests pandas pyarrow scikit-learn skl2onnx
    IMPRIMATUR_URL=http://127.0.0.1:8000 IMPRIMATUR_TOKEN=… python credit_pipeline.py [german_credit.csv]

Nothing here knows Django or the server's code: copy it, change the model, keep the calls. The story
it tells is whatever comes out of the data; a refusal is printed with its reasons.
"""

import hashlib
import io
import json
import os
import sys
import time
from pathlib import Path

import joblib
import pandas as pd
import requests
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

URL = os.environ.get("IMPRIMATUR_URL", "http://127.0.0.1:8000").rstrip("/")
TOKEN = os.environ.get("IMPRIMATUR_TOKEN", "")
DATA = Path(__file__).resolve().parent.parent / "data" / "german_credit.csv"

USE_CASE = "credit-decisions"
MODEL = "credit-scoring"
LABEL = "bad"
SLICES = ["age_group", "housing", "foreign_worker"]
# Age is measured, so that groups can be compared, and never used to decide.
NOT_PREDICTORS = [LABEL, "age", "age_group"]
SEED = 42
DATA_SET = "German credit hold-out"
HOLD_OUT = 0.4

# 5 for a bad customer accepted, 1 for a good one turned away: the expected cost of accepting
# exceeds that of refusing as soon as the chance of default exceeds 1 / (1 + 5).
CHEAPEST_THRESHOLD = 1 / 6

INTENDED_USE = (
    "Supports the decision on consumer credit applications of private persons at one bank. The "
    "score is the estimated chance that a loan is not repaid; an officer may overrule it."
)
OUT_OF_SCOPE = (
    "Setting interest rates or limits, business loans, collections, and any decision about "
    "people who did not apply. Not for another bank or country without evaluating it there."
)
LIMITATIONS = (
    "Trained on 600 loans from 1973 to 1975, of which 30 % went bad by sampling; real "
    "portfolios have far fewer, so probabilities and costs hold for this sample only. 37 "
    "applicants of 1,000 are not foreign workers: nothing can be said about that group. Sex is "
    "not recorded in usable form, so fairness towards women and men was not examined. The data "
    "hold granted loans only: who was refused at the time is unknown."
)


# --- the server ------------------------------------------------------------------------------


class Refused(Exception):
    """The server said no; `problem` is its application/problem+json document."""

    def __init__(self, problem: dict) -> None:
        super().__init__(problem.get("detail", "refused"))
        self.status = problem.get("status")
        self.reasons = problem.get("reasons") or [str(self)]


class Imprimatur:
    """The few calls a pipeline needs."""

    def __init__(self, url: str, token: str) -> None:
        self.api = f"{url}/api/v1"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, address: str, **request: object) -> dict:
        answer = self.session.request(method, f"{self.api}/{address}", timeout=60, **request)
        is_json = "json" in answer.headers.get("Content-Type", "")
        body = answer.json() if is_json else {"detail": f"{answer.status_code} {answer.reason}"}
        if not answer.ok:
            raise Refused(body)
        return body

    def get(self, address: str, **query: object) -> dict:
        return self.call("GET", address, params=query)

    def post(self, address: str, body: dict | None = None) -> dict:
        return self.call("POST", address, json=body or {})

    def wait_for(self, job: dict) -> dict:
        """Follows a job to its end, saying how far it is."""
        said = None
        while job["state"] in ("queued", "running"):
            if (now := job["progress_text"] or job["state"]) != said:
                print(f"    {job['title'].lower()}: {job['percent']:3d} %  {now}", flush=True)
                said = now
            time.sleep(0.2)
            job = self.get(f"jobs/{job['id']}/")
        if job["state"] != "succeeded":
            sys.exit(f"The job {job['title']} {job['state']}: {job['reason']}")
        return job


# --- data and models -------------------------------------------------------------------------


def load(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Splits the loans into 600 to learn from and 400 that no model has seen."""
    loans = pd.read_csv(path)
    loans["age_group"] = loans["age"].le(25).map({True: "up to 25", False: "over 25"})
    return train_test_split(loans, test_size=HOLD_OUT, stratify=loans[LABEL], random_state=SEED)


def train(classifier: object, loans: pd.DataFrame) -> Pipeline:
    predictors = loans.drop(columns=NOT_PREDICTORS)
    numbers = list(predictors.select_dtypes("number"))
    words = [name for name in predictors if name not in numbers]
    encode = make_column_transformer(
        (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), words)
    )
    return make_pipeline(encode, classifier).fit(predictors, loans[LABEL])


def predictions(model: Pipeline, loans: pd.DataFrame) -> bytes:
    """The hold-out rows with label, score and groups, as a Parquet file."""
    scores = model.predict_proba(loans.drop(columns=NOT_PREDICTORS))[:, 1]
    table = loans[[LABEL, *SLICES]].assign(score=scores, loan=loans.index)
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def as_onnx(model: Pipeline, loans: pd.DataFrame) -> bytes:
    """The whole pipeline, encoding included, as the file that serves: one input for each column."""
    predictors = loans.drop(columns=NOT_PREDICTORS)
    inputs = [
        (name, FloatTensorType([None, 1]) if is_number else StringTensorType([None, 1]))
        for name in predictors
        for is_number in [pd.api.types.is_numeric_dtype(predictors[name])]
    ]
    options = {id(model): {"zipmap": False}}
    return to_onnx(model, initial_types=inputs, options=options).SerializeToString()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def artifact_digest(model: Pipeline) -> str:
    file = io.BytesIO()
    joblib.dump(model, file)
    return sha256(file.getvalue())


# --- the steps -------------------------------------------------------------------------------


def ensure_model(server: Imprimatur) -> None:
    """Registers the model and puts it under its use case, unless that was done before."""
    try:
        server.post("models/", {"name": MODEL, "description": "Chance that a loan goes bad."})
    except Refused as refusal:
        if refusal.status != 409:
            raise
    if server.get(f"models/{MODEL}/")["use_case"] is None:
        server.post(f"use-cases/{USE_CASE}/models/", {"model": MODEL})


def register(
    server: Imprimatur,
    model: Pipeline,
    artifact: bytes,
    *,
    description: str,
    threshold: float,
    data: Path,
    parent: int | None = None,
) -> int:
    """Registers a version by what it is made of; the artifact itself stays with the pipeline."""
    classifier, digest = model[-1], sha256(artifact)
    facts = {
        "source": f"models:/m-{digest.removeprefix('sha256:')[:32]}",
        "digest": digest,
        "description": description,
        "code_commit": f"{Path(__file__).name} {sha256(Path(__file__).read_bytes())}",
        "training_data": f"{data.name}, 600 of 1,000 rows, stratified, seed {SEED}",
        "training_data_digest": sha256(data.read_bytes()),
        "parameters": {
            "algorithm": type(classifier).__name__,
            "threshold": threshold,
            **{name: value for name, value in classifier.get_params().items() if value},
        },
        "tags": {"framework": "scikit-learn"},
    }
    if parent:
        facts["parent"] = {"model": MODEL, "number": parent}
    version = server.post(f"models/{MODEL}/versions/", facts)
    print(f"\n{version['label']}: {description}")
    return version["number"]


def record_hold_out(server: Imprimatur, loans: pd.DataFrame) -> None:
    """Records what versions are evaluated on, once: licence, and what people must not be treated by."""
    file = io.BytesIO()
    loans.to_parquet(file, index=False)
    said = {
        "name": DATA_SET,
        "version": f"seed {SEED}",
        "use_case": USE_CASE,
        "licence": "CC-BY-4.0 (Statlog German Credit, Hofmann, UCI)",
        "description": "400 of 1,000 loans of 1973 to 1975, stratified; bad risks are over-sampled.",
        "sensitive_fields": ["age", "age_group", "foreign_worker"],
    }
    try:
        accepted = server.call(
            "POST",
            "datasets/",
            files={"source": ("hold_out.parquet", file.getvalue())},
            data=said,
        )
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return
    server.wait_for(accepted["job"])
    print(f"{DATA_SET}: recorded, {len(loans):,} rows.")


def evaluate(server: Imprimatur, number: int, file: bytes, *, threshold: float) -> dict:
    """Hands in the predictions, waits for figures and verdict, and prints the reasons."""
    columns = {"score": "score", "label": LABEL, "row_key": "loan", "slices": SLICES}
    accepted = server.call(
        "POST",
        f"models/{MODEL}/versions/{number}/evaluations/",
        files={"source": ("hold_out.parquet", file)},
        data={
            "columns": json.dumps(columns),
            "dataset_name": DATA_SET,
            "dataset_version": f"seed {SEED}",
            "threshold": threshold,
        },
    )
    server.wait_for(accepted["job"])
    evaluation = accepted["evaluation"]["id"]
    [judging] = server.get("jobs/", kind="blessing.judge", subject_id=evaluation)["results"]
    job = server.wait_for(judging)
    blessing = server.get(f"blessings/{job['result']['blessing']}/")
    show(blessing)
    return blessing


def show(blessing: dict) -> None:
    print(f"  {blessing['verdict'].replace('_', ' ').upper()}. {blessing['sentence']}")
    for rule in blessing["results"]:
        print(f"    {rule['outcome']:<12} {rule['sentence']}")
    for difference in blessing["comparison"]:
        print(f"    against v{blessing['baseline_version']}: {difference['sentence']}")


def check_infra(
    server: Imprimatur, number: int, artifact: bytes, model: Pipeline, loans: pd.DataFrame
) -> dict:
    """Has the server try the file that serves: does it answer as scikit-learn did, and how fast?"""
    rows = loans.drop(columns=NOT_PREDICTORS).head(100)
    golden = rows.assign(score=model.predict_proba(rows)[:, 1])
    accepted = server.call(
        "POST",
        "infra-checks/",
        files={
            "artifact": ("model.onnx", artifact),
            "rows": ("rows.csv", rows.to_csv(index=False)),
            "golden": ("golden.csv", golden.to_csv(index=False)),
        },
        data={
            "model": MODEL,
            "version": number,
            "expected": json.dumps({"score": "probabilities[1]"}),
            "golden_within": 1e-5,
            "range_output": "probabilities",
            "lowest": 0,
            "highest": 1,
            "p95_ms": 50,
        },
    )
    server.wait_for(accepted["job"])
    check = server.get(f"infra-checks/{accepted['check']['id']}/")
    print(f"  Infra check {check['state'].replace('_', ' ').upper()}.")
    for finding in check["findings"]:
        print(f"    {finding['outcome']:<12} {finding['title']}: {finding['sentence']}")
    return check


def write_card(server: Imprimatur, number: int) -> None:
    """Writes what only people know about the model; the rest of the card fills itself."""
    texts = {
        "overview": "Logistic regression on 18 facts of a credit application.",
        "intended_use": INTENDED_USE,
        "out_of_scope": OUT_OF_SCOPE,
        "limitations": LIMITATIONS,
    }
    card = server.call("PATCH", f"models/{MODEL}/versions/{number}/card/", json=texts)
    for missing in card["completeness"]["review"]["missing"]:
        print(f"    the card still lacks: {missing}")


def ask_for_approval(server: Imprimatur, number: int, statement: str) -> None:
    body = {"model": MODEL, "version": number, "alias": "champion", "statement": statement}
    try:
        request = server.post("approvals/", body)
    except Refused as refusal:
        print("\nApproval cannot be asked for:", *refusal.reasons, sep="\n    ")
        return
    print(f"\nApproval request {request['id']} for v{number} as champion is open.")
    for step in request["progress"]:
        print(f"    {step['step']}: {step['sentence']}")


def try_alias(server: Imprimatur, number: int) -> None:
    """Asks the gate, then tries all the same: without signatures nothing moves."""
    gate = server.get(f"models/{MODEL}/versions/{number}/gate/", alias="champion")
    print(f"\nMay champion move to v{number}? {'Yes' if gate['allowed'] else 'No'}.")
    for reason in gate["reasons"]:
        print(f"    {reason}")
    try:
        server.call("PUT", f"models/{MODEL}/aliases/champion/", json={"version": number})
        print(f"champion points to v{number}.")
    except Refused as refusal:
        print("Moving it anyway was refused:", *refusal.reasons, sep="\n    ")


def main() -> None:
    if not TOKEN:
        sys.exit("Set IMPRIMATUR_TOKEN; `manage.py token USER` prints one.")
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    server = Imprimatur(URL, TOKEN)
    learn, hold_out = load(data)
    logistic = train(LogisticRegression(C=0.5, max_iter=2000), learn)
    boosting = train(
        GradientBoostingClassifier(n_estimators=80, max_depth=2, random_state=SEED), learn
    )
    ensure_model(server)
    record_hold_out(server, hold_out)

    def run(
        model: Pipeline, threshold: float, description: str, parent: int | None = None
    ) -> tuple[int, dict]:
        number = register(
            server,
            model,
            as_onnx(model, learn),
            description=description,
            threshold=threshold,
            data=data,
            parent=parent,
        )
        file = predictions(model, hold_out)
        return number, evaluate(server, number, file, threshold=threshold)

    first, _ = run(logistic, 0.5, "logistic regression, refuses from 0.5 on")
    second, _ = run(logistic, CHEAPEST_THRESHOLD, "the same model, refuses from 1/6 on", first)
    third, blessing = run(logistic, 0.30, "the same model, refuses from 0.30 on", second)
    # The same threshold as v3, so that only the algorithm differs.
    run(boosting, 0.30, "gradient boosting, the challenger, refuses from 0.30 on")

    check_infra(server, third, as_onnx(logistic, learn), logistic, hold_out)
    write_card(server, third)
    ask_for_approval(
        server,
        third,
        "Refusing from 0.30 on accepts more applicants than 1/6 and treats the young more alike, "
        f"at a somewhat higher cost. The machine's verdict: {blessing['sentence']}",
    )
    try_alias(server, third)


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit("\n".join(["Refused:", *refusal.reasons]))
    except requests.ConnectionError:
        sys.exit(f"Nobody answers at {URL}.")
