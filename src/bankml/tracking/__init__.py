"""Runs and models in MLflow; see :func:`bankml.tracking.mlflow_run.log_run`."""
