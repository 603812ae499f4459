"""An ordinary MLflow training script; that a server governs its registry is nowhere in it.

    pip install mlflow scikit-learn
    python mlflow_training.py

It logs a run to MLFLOW_TRACKING_URI, registers the model, and asks for it to become champion. With
MLFLOW_REGISTRY_URI set to Imprimatur the last step is refused until the people who answer for the
model have signed; then the same line succeeds. See docs/mlflow.md.
"""

from pathlib import Path

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DATA = Path(__file__).resolve().parent.parent / "data" / "german_credit.csv"
NAME = "credit-mlflow"

loans = pd.read_csv(DATA).drop(columns="age").astype({"bad": int})
X, y = loans.drop(columns="bad"), loans["bad"]
numbers = list(X.select_dtypes("number"))
words = [column for column in X if column not in numbers]
X = X.astype(dict.fromkeys(numbers, float))
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=42)
encode = make_column_transformer(
    (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), words)
)

with mlflow.start_run() as run:
    model = make_pipeline(encode, LogisticRegression(C=0.5, max_iter=1000)).fit(
        X_train, y_train
    )
    auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    mlflow.log_param("C", 0.5)
    mlflow.log_metric("auc", auc)
    logged = mlflow.sklearn.log_model(
        model,
        name="model",
        registered_model_name=NAME,
        serialization_format="cloudpickle",
        input_example=X_train.head(3),
    )

client = MlflowClient()
version = str(logged.registered_model_version)
print(f"Registered {NAME} v{version}, AUC {auc:.3f}")
client.set_registered_model_alias(NAME, "candidate", version)
again = mlflow.sklearn.load_model(f"models:/{NAME}@candidate")
print(f"Loaded models:/{NAME}@candidate: {again[-1].__class__.__name__}")
try:
    client.set_registered_model_alias(NAME, "champion", version)
    print(f"{NAME} v{version} is champion")
except MlflowException as refusal:
    print(f"Not champion yet. {refusal.message}")
