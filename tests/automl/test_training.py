"""Whole runs of the engine on small data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import ChildFinished, ChildStarted, Event
from bankml.errors import DataError
from bankml.metrics import CLASSIFICATION_METRICS, REGRESSION_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.automl.conftest import Train


def test_a_model_of_mixed_columns_takes_raw_rows_and_gives_original_labels(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    frame = mixed_frame.drop(columns="amount")

    result = run_engine(frame)

    predicted = result.model.predict(frame.drop(columns="label"))
    assert set(predicted) == {"yes", "no"}
    assert (predicted == frame["label"]).mean() > 0.8
    assert result.best.algorithm in {"LightGBM", "VotingEnsemble"}
    assert set(result.best.metrics) == set(CLASSIFICATION_METRICS)
    assert any("same" in note for note in result.notes)


def test_unseen_categories_and_missing_values_are_predicted(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    result = run_engine(mixed_frame.drop(columns="amount"))
    strange = mixed_frame.head(3).assign(colour="violet", text=None, number=np.nan)
    strange["when"] = pd.Series([pd.NaT] * 3)

    probability = result.model.predict_proba(strange)

    assert probability.shape == (3, 2)
    assert probability.sum(axis=1) == pytest.approx(1.0)


def test_a_missing_column_is_named(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    result = run_engine(mixed_frame[["number", "colour", "label"]])

    with pytest.raises(DataError, match="colour"):
        result.model.predict(mixed_frame[["number"]])


def test_three_classes_of_numbers(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    frame = mixed_frame[["number", "colour", "text"]].assign(
        label=np.digitize(mixed_frame["amount"], [0.5, 2.0]) * 10
    )

    result = run_engine(frame, primary_metric="accuracy")

    assert list(result.model.classes_) == [0, 10, 20]
    assert set(result.model.predict(frame)) <= {0, 10, 20}
    assert "AUC_binary" not in result.best.metrics


def test_regression(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    frame = mixed_frame.drop(columns="label")

    result = run_engine(
        frame, task="regression", label_column_name="amount", primary_metric="r2_score"
    )

    assert set(result.best.metrics) == set(REGRESSION_METRICS)
    assert result.best.metrics["r2_score"] > 0.5
    assert np.corrcoef(result.model.predict(frame), frame["amount"])[0, 1] > 0.8


def test_each_child_is_reported_when_it_starts_and_when_it_ends(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    events: list[Event] = []

    result = run_engine(mixed_frame, on_event=events.append)

    started = [event.number for event in events if isinstance(event, ChildStarted)]
    ended = [event.result.number for event in events if isinstance(event, ChildFinished)]
    assert sorted(started) == sorted(ended) == [child.number for child in result.children]
    assert all(child.ended >= child.started for child in result.children)


@pytest.mark.parametrize("other_workers", [1, 2])
def test_the_same_seed_gives_the_same_result_on_any_number_of_workers(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path, other_workers: int
) -> None:
    frame = mixed_frame[["number", "colour", "label"]]
    settings = {"allowed_models": ("LightGBM",), "iterations": 9, "max_concurrent_iterations": 2}

    first = run_engine(frame, workers=2, scratch=tmp_path / "first", **settings)
    second = run_engine(frame, workers=other_workers, scratch=tmp_path / "second", **settings)

    assert [dict(child.parameters) for child in first.children] == [
        dict(child.parameters) for child in second.children
    ]
    assert [child.score for child in first.children] == [child.score for child in second.children]
    assert np.array_equal(first.model.predict_proba(frame), second.model.predict_proba(frame))


def test_iterations_bound_the_candidates(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    result = run_engine(mixed_frame, iterations=3, enable_voting_ensemble=False)

    assert [child.number for child in result.children] == [0, 1, 2]
    assert "iterations" in result.stopped_because


def test_only_allowed_models_run(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    result = run_engine(
        mixed_frame, allowed_models=("LogisticRegression", "KNN"), blocked_models=("KNN",)
    )

    assert {child.algorithm for child in result.children} <= {
        "LogisticRegression",
        "VotingEnsemble",
    }


def test_columns_can_be_left_out(mixed_frame: pd.DataFrame, run_engine: Train) -> None:
    result = run_engine(mixed_frame, exclude_columns=("amount", "text"))

    used = set(result.model.steps[0][1].feature_names_in_)
    assert not used & {"amount", "text", "label"}


def test_the_data_may_be_a_parquet_file(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    path = tmp_path / "data.parquet"
    mixed_frame.to_parquet(path)

    assert run_engine(path).best.status == "Finished"


def test_without_featurization_dates_and_texts_are_plain_categories(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    result = run_engine(mixed_frame[["number", "text", "label"]], featurization="off")

    names = result.model.steps[0][1].get_feature_names_out()
    assert list(names)[:2] == ["number", "text"]
    assert not any("words" in name for name in names)


def test_the_model_has_learnt_from_all_rows_where_folds_are_few(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    frame = mixed_frame[["number", "colour", "label"]]
    scratch = tmp_path / "kept"

    result = run_engine(frame, iterations=1, n_cross_validations=3, scratch=scratch)

    folds = sorted(path.name for path in (scratch / "children/0").glob("model*"))
    refitted = sorted(path.name for path in (scratch / "children/0/refitted").glob("model*"))
    assert folds == ["model0.txt", "model1.txt", "model2.txt"]
    assert refitted == ["model0.txt", "model1.txt"]
    assert len(result.model.steps[-1][1].members) == 2


def test_a_model_that_knows_nearly_all_rows_stays_beside_one_that_knows_all(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    frame = mixed_frame[["number", "colour", "label"]]
    scratch = tmp_path / "kept"

    result = run_engine(
        frame, iterations=1, n_cross_validations=None, validation_size=0.1, scratch=scratch
    )

    refitted = [path.name for path in (scratch / "children/0/refitted").glob("model*")]
    assert refitted == ["model0.txt"]
    assert len(result.model.steps[-1][1].members) == 2


def test_a_linear_model_that_knows_all_rows_needs_no_other_beside_it(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    frame = mixed_frame[["number", "colour", "label"]]

    result = run_engine(
        frame, iterations=1, n_cross_validations=None, validation_size=0.1,
        allowed_models=("LogisticRegression",),
    )  # fmt: skip

    assert len(result.model.steps[-1][1].members) == 1


def test_many_categories_get_a_weight_each(run_engine: Train) -> None:
    random = np.random.default_rng(4)
    shop = random.integers(0, 120, 3000)
    effect = random.normal(0, 1.5, 120)
    frame = pd.DataFrame(
        {"shop": np.char.add("shop ", shop.astype(str)), "noise": random.random(3000)}
    )
    frame["label"] = np.where(random.random(3000) < 1 / (1 + np.exp(-effect[shop])), "yes", "no")

    result = run_engine(frame, iterations=4, n_cross_validations=3)

    linear = next(c for c in result.children if c.algorithm == "LogisticRegression")
    assert linear.preprocessor == "SparseOneHotEncoder, StandardScaler"
    assert linear.metrics["AUC_weighted"] > 0.75
    unseen = pd.DataFrame({"shop": ["shop 999", None], "noise": [0.5, 0.5]})
    assert np.isfinite(result.model.predict_proba(unseen)).all()


@pytest.fixture
def members_of(mixed_frame: pd.DataFrame, run_engine: Train) -> Callable[..., list[Any]]:
    """The models in the final one, of one candidate that was validated in so many folds."""

    def members(folds: int, **settings: Any) -> list[Any]:
        frame = mixed_frame[["number", "label"]]
        result = run_engine(frame, iterations=1, n_cross_validations=folds, **settings)
        return list(result.model.steps[-1][1].members)

    return members


@pytest.mark.parametrize(("folds", "models"), [(3, 2), (5, 5 + 2), (10, 10)])
def test_models_of_folds_stay_unless_they_know_few_rows_with_copies_unless_they_are_many(
    members_of: Callable[..., list[Any]], folds: int, models: int
) -> None:
    assert len(members_of(folds)) == models


@pytest.mark.parametrize("folds", [5, 10])
def test_a_model_that_hardly_changes_is_one_that_knows_all_rows(
    members_of: Callable[..., list[Any]], folds: int
) -> None:
    assert len(members_of(folds, allowed_models=("LogisticRegression",))) == 1


def test_of_ten_folds_a_forest_is_one_of_more_trees_that_knows_all_rows(
    members_of: Callable[..., list[Any]],
) -> None:
    (forest,) = members_of(10, allowed_models=("ExtremeRandomTrees",))

    assert len(forest.steps[-1][1].estimators_) == 150
