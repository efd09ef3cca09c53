"""Candidates that learn from the columns that the run's first candidate gained most by."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.algorithms import CLASSIFICATION_ALGORITHMS
from bankml.backends.local.automl.candidates.candidate import CODES, ONE_HOT, Candidate, DataShape
from bankml.backends.local.automl.candidates.portfolio import portfolio
from bankml.backends.local.automl.candidates.schedule import NoCandidate, Schedule
from bankml.backends.local.automl.data.preparation import PreparedData, prepare
from bankml.backends.local.automl.training.feature_selection import best_columns
from bankml.backends.local.automl.training.worker import Outcome, Refit, Task, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from tests.automl.conftest import Train

TELLING = (7, 40, 99)
COLUMNS = 120
TREES = {"num_leaves": 4, "learning_rate": 0.3, "n_estimators": 20}
GUIDE = Candidate("LightGBM", CODES, TREES)
OF_FEW = [
    Candidate("LightGBM", CODES, TREES, columns=3),
    Candidate("ExtremeRandomTrees", CODES, {"n_estimators": 20}, columns=3),
    Candidate("LogisticRegression", ONE_HOT, {"C": 1.0}, columns=3),
]
WIDE = DataShape("classification", 2_000, 3, 400, 2, 0, 0)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Columns of which three tell the label."""
    random = np.random.default_rng(4)
    values = random.normal(size=(1_200, COLUMNS))
    signal = values[:, TELLING].sum(axis=1) + random.normal(0, 0.5, len(values))
    columns = pd.DataFrame(values, columns=[f"x{place}" for place in range(COLUMNS)])
    return columns.assign(label=np.where(signal > 0, "up", "down"))


@pytest.fixture(scope="module")
def data(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    settings = AutoMLSettings("classification", "label", n_cross_validations=2)
    return prepare(frame, settings, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def guide(data: PreparedData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a candidate that has learnt from all columns."""
    folder = tmp_path_factory.mktemp("guide")
    run_task(Task(0, GUIDE, data.store, folder, 60.0, folder / "stop", 0))
    return folder


def fit(
    data: PreparedData, candidate: Candidate, guide: Path, folder: Path, kind: type[Task] = Task,
    **more: Any,
) -> Outcome:  # fmt: skip
    """Fit a candidate that is told the best columns by a guide."""
    stop = folder / "stop"
    return run_task(kind(1, candidate, data.store, folder, 60.0, stop, 0, guide=guide, **more))


def used_columns(folder: Path) -> list[set[int]]:
    """Return the columns that each model of a folder looks at."""
    boosters = [lightgbm.Booster(model_file=path) for path in sorted(folder.glob("model*.txt"))]
    used = [np.flatnonzero(each.feature_importance()).tolist() for each in boosters]
    pipelines = [joblib.load(path) for path in sorted(folder.glob("model*.joblib"))]
    used += [pipeline[0].columns.tolist() for pipeline in pipelines]
    return [set(each) for each in used]


def test_the_best_columns_are_those_that_trees_gained_most_by(guide: Path) -> None:
    assert best_columns(guide, 3, fold=0) == TELLING
    assert best_columns(guide, 3) == TELLING


def test_a_fold_has_its_best_columns_from_its_own_model(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for fold, telling in enumerate((5, 6)):
        values = random.normal(size=(200, 10))
        rows = lightgbm.Dataset(values, values[:, telling], params={"verbosity": -1})
        booster = lightgbm.train({"verbosity": -1}, rows, 3)
        booster.save_model(tmp_path / f"model{fold}.txt")

    assert best_columns(tmp_path, 1, fold=0) == (5,)
    assert best_columns(tmp_path, 1, fold=1) == (6,)
    assert set(best_columns(tmp_path, 2)) == {5, 6}


def test_trees_that_found_nothing_leave_all_columns(tmp_path: Path) -> None:
    rows = lightgbm.Dataset(np.ones((50, 4)), np.ones(50), params={"verbosity": -1})
    lightgbm.train({"verbosity": -1}, rows, 1).save_model(tmp_path / "model0.txt")

    assert best_columns(tmp_path, 2, fold=0) == (0, 1, 2, 3)


@pytest.mark.parametrize("candidate", OF_FEW, ids=lambda each: each.algorithm)
def test_a_candidate_of_few_columns_looks_at_those_alone(
    data: PreparedData, guide: Path, tmp_path: Path, candidate: Candidate
) -> None:
    outcome = fit(data, candidate, guide, tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics["AUC_weighted"] > 0.9
    assert used_columns(tmp_path) == [set(TELLING)] * 2


@pytest.mark.parametrize("candidate", OF_FEW, ids=lambda each: each.algorithm)
def test_so_does_its_copy_that_learns_from_all_rows(
    data: PreparedData, guide: Path, tmp_path: Path, candidate: Candidate
) -> None:
    outcome = fit(data, candidate, guide, tmp_path, Refit, rounds=20)

    assert outcome.error is None, outcome.message
    assert used_columns(tmp_path) == [set(TELLING)]


def test_boosting_on_few_columns_predicts_from_whole_rows(
    data: PreparedData, guide: Path, tmp_path: Path
) -> None:
    fit(data, replace(OF_FEW[0], rows=300), guide, tmp_path)

    booster = lightgbm.Booster(model_file=tmp_path / "model0.txt")
    held_out = data.store.rows(np.flatnonzero(data.store.fold_of_row() == 0).astype(np.int32))
    predicted = np.load(tmp_path / "predictions.npy")[: len(held_out)]
    assert booster.num_feature() == COLUMNS
    assert predicted == pytest.approx(booster.predict(held_out), abs=1e-6)


def test_rows_of_few_columns_are_zeros_elsewhere(data: PreparedData) -> None:
    few, places = replace(data.store, columns=(3, 70)), np.array([2, 5, 9], np.int32)

    rows, all_rows = few.rows(places), few.rows()

    expected = np.zeros_like(data.store.rows())
    expected[:, [3, 70]] = data.store.rows()[:, [3, 70]]
    assert (all_rows == expected).all()
    assert (rows == expected[places]).all()


def schedule() -> Schedule:
    return Schedule(
        WIDE, CLASSIFICATION_ALGORITHMS, "AUC_weighted", 0, lag=2, most=None, early_stopping=False
    )


def first_of_few() -> int:
    """Return the number of the first candidate that learns from few columns."""
    planned = portfolio(WIDE, CLASSIFICATION_ALGORITHMS)
    return next(number for number, each in enumerate(planned) if each.columns is not None)


def test_a_candidate_of_few_columns_waits_for_its_guide() -> None:
    candidates = schedule()
    number = first_of_few()

    before = candidates.candidate(number)
    candidates.record(0, 0.8)
    after = candidates.candidate(number)

    assert before is NoCandidate.WAIT
    assert isinstance(after, Candidate)
    assert after.columns == 60


def test_what_takes_long_on_very_many_columns_comes_late_enough_to_race() -> None:
    racing = portfolio(WIDE, CLASSIFICATION_ALGORITHMS)
    together = portfolio(replace(WIDE, folds=1), CLASSIFICATION_ALGORITHMS)

    def first_trees_of_few(planned: list[Candidate]) -> int:
        of_few = [each.algorithm if each.columns else "" for each in planned]
        return of_few.index("LightGBM")

    assert first_trees_of_few(racing) == 6
    assert first_trees_of_few(together) == 2
    assert Counter(each.algorithm for each in racing) == Counter(
        each.algorithm for each in together
    )


@pytest.mark.parametrize(("folds", "place"), [(3, 5), (1, 3)])
def test_a_linear_model_comes_early_but_where_it_can_race_once_it_has_rivals(
    folds: int, place: int
) -> None:
    planned = portfolio(replace(WIDE, columns=20, folds=folds), CLASSIFICATION_ALGORITHMS)

    assert [each.algorithm for each in planned].index("LogisticRegression") == place


def test_without_a_guide_it_learns_from_all_columns() -> None:
    candidates = schedule()
    number = first_of_few()

    candidates.record(0, None)

    found = candidates.candidate(number)
    assert isinstance(found, Candidate)
    assert found.columns is None


@pytest.mark.parametrize(
    "planned",
    [
        portfolio(replace(WIDE, columns=20), CLASSIFICATION_ALGORITHMS),
        portfolio(replace(WIDE, columns=30, rows=500), CLASSIFICATION_ALGORITHMS),
        portfolio(WIDE, ("LogisticRegression", "ExtremeRandomTrees")),
        portfolio(replace(WIDE, columns=20, rows=9_000), ("MultiLayerPerceptron",)),
    ],
    ids=["few columns", "few rows", "no boosting", "a network alone"],
)
def test_all_candidates_learn_from_all_columns(planned: list[Candidate]) -> None:
    assert planned
    assert all(candidate.columns is None for candidate in planned)


def test_of_twenty_columns_one_network_learns_from_the_better_half() -> None:
    planned = portfolio(replace(WIDE, columns=20, rows=9_000), CLASSIFICATION_ALGORITHMS)

    limited = [candidate for candidate in planned if candidate.columns is not None]
    assert [(each.algorithm, each.columns) for each in limited] == [("MultiLayerPerceptron", 10)]


@pytest.mark.parametrize("rows", [800, 4_000, 15_000, 200_000])
@pytest.mark.parametrize("task_and_classes", [("regression", 0), ("classification", 7)])
def test_there_are_candidates_of_few_columns_for_data_of_any_size(
    rows: int, task_and_classes: tuple[str, int]
) -> None:
    task, classes = task_and_classes

    planned = portfolio(DataShape(task, rows, 1, 300, classes, 4, 2), ("LightGBM",))

    assert {candidate.columns for candidate in planned} > {None}


def test_a_run_finds_the_columns_and_says_how_many_each_child_learnt_from(
    frame: pd.DataFrame, run_engine: Train
) -> None:
    allowed = ("LightGBM", "LogisticRegression")

    result = run_engine(frame, iterations=8, allowed_models=allowed)

    limits = {child.parameters.get("training_columns") for child in result.children}
    assert limits == {None, 33, 55}
    assert {child.preprocessor for child in result.children} >= {
        "OrdinalCodes", "best 55 columns, OrdinalCodes",
    }  # fmt: skip
    assert result.best.metrics["AUC_weighted"] > 0.95


def test_the_same_seed_finds_the_same_on_any_number_of_workers(
    frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    settings = {"iterations": 8, "allowed_models": ("LightGBM",), "max_concurrent_iterations": 2}

    once, again = (
        run_engine(frame, workers=workers, scratch=tmp_path / str(workers), **settings)
        for workers in (1, 2)
    )

    rows = frame.drop(columns="label")
    assert [child.score for child in once.children] == [child.score for child in again.children]
    assert (once.model.predict_proba(rows) == again.model.predict_proba(rows)).all()


def test_a_resumed_run_asks_the_guide_of_its_first_attempt(
    frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    settings = {"allowed_models": ("LightGBM",), "enable_voting_ensemble": False}
    scratch = tmp_path / "kept"
    first = run_engine(frame, iterations=2, scratch=scratch, **settings)

    resumed = run_engine(frame, iterations=5, scratch=scratch, finished=first.children, **settings)

    whole = run_engine(frame, iterations=5, scratch=tmp_path / "whole", **settings)
    assert resumed.children[:2] == first.children
    assert [child.score for child in resumed.children] == [child.score for child in whole.children]
    assert any(child.parameters.get("training_columns") for child in resumed.children)
