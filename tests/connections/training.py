"""A small model, trained and logged at a real MLflow server as pipelines do."""

import mlflow
from sklearn.linear_model import LogisticRegression

ROWS, LABELS = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]


def logged_model(url: str):
    """Logs a run with parameter, metric and model; gives MLflow's own account of the model."""
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("credit")
    try:
        with mlflow.start_run():
            mlflow.log_param("C", 0.5)
            mlflow.log_metric("auc", 0.81)
            return mlflow.sklearn.log_model(
                LogisticRegression(C=0.5).fit(ROWS, LABELS),
                name="model",
                serialization_format="cloudpickle",
                pip_requirements=[],
            )
    finally:
        mlflow.set_tracking_uri(None)
