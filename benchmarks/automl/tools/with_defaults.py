"""One gradient boosting model with its library's defaults: LightGBM's or scikit-learn's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from run import LABEL, Job, as_categories, as_frame

if TYPE_CHECKING:
    import pandas as pd


def train(rows: pd.DataFrame, job: Job) -> Any:
    """Fit on all rows, with the texts as categories."""
    features = as_categories(rows.drop(columns=LABEL))
    categories = {name: features[name].dtype for name in features if _is_category(features[name])}
    return _new_model(job).fit(features, rows[LABEL]), list(features), categories


def predict(model: Any, rows: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Return probabilities, or numbers."""
    fitted, columns, categories = model
    return as_frame(fitted, rows[columns].astype(categories), job.task)


def _new_model(job: Job) -> Any:
    regression = job.task == "regression"
    if job.option == "lightgbm":
        import lightgbm

        kind = lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier
        return kind(random_state=job.seed, verbosity=-1)
    from sklearn import ensemble

    name = "HistGradientBoosting" + ("Regressor" if regression else "Classifier")
    return getattr(ensemble, name)(random_state=job.seed, categorical_features="from_dtype")


def _is_category(series: pd.Series) -> bool:
    return series.dtype.name == "category"
