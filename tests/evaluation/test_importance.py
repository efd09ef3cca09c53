from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from bankml.errors import DataError
from bankml.evaluation.importance import Importance, permutation_importance


@pytest.fixture
def customers() -> pd.DataFrame:
    """A label that depends much on a text column, a little on a number, not on the other."""
    generator = np.random.default_rng(5)
    job = generator.choice(["student", "retired", "manager"], size=800)
    age = generator.normal(size=800)
    skill = 3.0 * (job == "student") + 0.7 * age - 1
    answer = np.where(generator.random(800) < 1 / (1 + np.exp(-skill)), "yes", "no")
    return pd.DataFrame({"noise": generator.normal(size=800), "age": age, "job": job, "y": answer})


@pytest.fixture
def pipeline(customers: pd.DataFrame) -> Pipeline:
    encoder = make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough")
    return make_pipeline(encoder, LogisticRegression()).fit(
        customers.drop(columns="y"), customers["y"]
    )


@pytest.fixture
def importance(pipeline: Any, customers: pd.DataFrame) -> Importance:
    return permutation_importance(pipeline, customers, label="y")


def test_raw_columns_of_any_type_are_ranked_by_what_is_lost(importance: Importance) -> None:
    assert list(importance.columns) == ["job", "age", "noise"]
    assert importance.columns["job"].low > importance.columns["age"].high
    assert importance.columns["age"].low > 0


def test_a_column_without_information_loses_nothing(importance: Importance) -> None:
    noise = importance.columns["noise"]

    assert abs(noise.estimate) < 0.01


def test_the_score_is_that_of_the_metric(importance: Importance) -> None:
    assert importance.metric == "AUC_weighted"
    assert 0.7 < importance.score < 0.95
    assert importance.chance == 0.5


def test_a_loss_is_positive_for_a_metric_that_should_be_small(
    pipeline: Any, customers: pd.DataFrame
) -> None:
    importance = permutation_importance(pipeline, customers, label="y", metric="log_loss")

    assert importance.score > 0
    assert importance.columns["job"].low > 0
    assert importance.chance is None


def test_many_rows_are_sampled(pipeline: Any, customers: pd.DataFrame) -> None:
    importance = permutation_importance(pipeline, customers, label="y", most_rows=100, repeats=2)

    assert importance.rows == 100


def test_the_same_seed_gives_the_same_importance(pipeline: Any, customers: pd.DataFrame) -> None:
    def found(seed: int) -> Importance:
        return permutation_importance(
            pipeline, customers, label="y", repeats=2, most_rows=200, random_state=seed
        )

    assert found(1) == found(1)
    assert found(1) != found(2)


def test_a_regression_loses_explained_variance() -> None:
    x = np.arange(60.0)
    frame = pd.DataFrame({"x": x, "z": x[::-1] % 7, "price": 2 * x})
    model = LinearRegression().fit(frame[["x", "z"]], frame["price"])

    importance = permutation_importance(model, frame, label="price")

    assert importance.metric == "r2_score"
    assert importance.score == pytest.approx(1.0)
    assert importance.columns["x"].estimate == pytest.approx(2.0, abs=0.6)


def test_a_metric_of_the_wrong_kind_is_refused(pipeline: Any, customers: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"'r2_score' is no metric.*AUC_weighted"):
        permutation_importance(pipeline, customers, label="y", metric="r2_score")


def test_a_metric_of_two_classes_is_refused_where_there_are_three() -> None:
    frame = pd.DataFrame({"x": np.arange(9.0), "y": list("aaabbbccc")})
    model = LogisticRegression().fit(frame[["x"]], frame["y"])

    with pytest.raises(DataError, match=r"'AUC_binary' is of two classes.* 3.*'AUC_weighted'"):
        permutation_importance(model, frame, label="y", metric="AUC_binary")


def test_the_table_has_a_row_per_column(importance: Importance) -> None:
    table = importance.to_pandas()

    assert table.index.tolist() == ["job", "age", "noise"]
    assert list(table.columns) == ["estimate", "low", "high"]
