"""Candidates that are far behind are not fitted to the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.candidates.candidate import CODES, ONE_HOT, Candidate, DataShape
from bankml.backends.local.automl.candidates.schedule import NoCandidate, Schedule
from bankml.backends.local.automl.data.preparation import PreparedData, prepare
from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from tests.automl.conftest import Train

GOOD = Candidate("LightGBM", CODES, {"num_leaves": 8, "learning_rate": 0.3, "n_estimators": 30})
USELESS = Candidate("KNN", ONE_HOT, {"n_neighbors": 190})
ALL = ("LightGBM", "LogisticRegression", "MultiLayerPerceptron", "KNN")


@pytest.fixture(scope="module")
def curved() -> pd.DataFrame:
    """Two numbers whose product is what counts."""
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.normal(size=(600, 2)), columns=["one", "other"])
    return frame.assign(amount=frame["one"] * frame["other"])


def prepared(frame: pd.DataFrame, folder: Path, label: str, folds: int) -> PreparedData:
    rows = frame.drop(columns="amount").assign(label=frame["amount"])
    if label == "classes":
        rows["label"] = np.digitize(rows["label"], [0.0])
    if label == "three classes":
        rows["label"] = np.digitize(rows["label"], [-0.3, 0.3])
    task = "regression" if label == "numbers" else "classification"
    settings = AutoMLSettings(
        task, "label", n_cross_validations=folds if folds > 1 else None,
        validation_size=None if folds > 1 else 0.3,
    )  # fmt: skip
    return prepare(rows, settings, folder)


def race(data: PreparedData, candidate: Candidate, rival: Candidate, folder: Path) -> Outcome:
    """Fit the rival, then the candidate against it, and return what became of the candidate."""
    stop, of_rival, of_candidate = folder / "stop", folder / "rival", folder / "candidate"
    run_task(Task(0, rival, data.store, of_rival, 60.0, stop, 0))
    rivals = (of_rival / "predictions.npy",)
    return run_task(Task(1, candidate, data.store, of_candidate, 60.0, stop, 0, rivals))


@pytest.mark.parametrize("label", ["classes", "three classes", "numbers"])
def test_what_is_far_behind_after_the_first_fold_is_stopped_and_says_by_how_much(
    curved: pd.DataFrame, tmp_path: Path, label: str
) -> None:
    data = prepared(curved, tmp_path, label, folds=3)

    outcome = race(data, USELESS, GOOD, tmp_path)

    assert outcome.stopped
    assert "left behind after 1 of 3 folds" in str(outcome.error)
    assert [path.stem for path in (tmp_path / "candidate").glob("model*")] == ["model0"]


def test_ten_folds_are_raced_after_three(curved: pd.DataFrame, tmp_path: Path) -> None:
    data = prepared(curved, tmp_path, "classes", folds=10)

    outcome = race(data, USELESS, GOOD, tmp_path)

    assert "left behind after 3 of 10 folds" in str(outcome.error)


@pytest.mark.parametrize("label", ["classes", "numbers"])
def test_what_keeps_up_is_fitted_to_the_end(
    curved: pd.DataFrame, tmp_path: Path, label: str
) -> None:
    data = prepared(curved, tmp_path, label, folds=3)

    outcome = race(data, GOOD, USELESS, tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics


def test_where_one_part_is_held_out_there_is_nothing_to_save(
    curved: pd.DataFrame, tmp_path: Path
) -> None:
    data = prepared(curved, tmp_path, "classes", folds=1)

    outcome = race(data, USELESS, GOOD, tmp_path)

    assert outcome.error is None, outcome.message


def test_where_there_is_nothing_to_win_nobody_is_left_behind_by_luck(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    noise = pd.DataFrame(random.normal(size=(600, 3)), columns=["one", "other", "amount"])
    data = prepared(noise, tmp_path, "classes", folds=3)
    timid, bolder = (Candidate("LogisticRegression", ONE_HOT, {"C": c}) for c in (0.001, 1.0))

    outcome = race(data, bolder, timid, tmp_path)

    assert outcome.error is None, outcome.message


def schedule(*, early_stopping: bool, folds: int = 3) -> Schedule:
    shape = DataShape("classification", 2_000, folds, 10, 2, 0, 0)
    return Schedule(shape, ALL, "AUC_weighted", 0, lag=2, most=None, early_stopping=early_stopping)


def test_a_candidate_races_against_the_first_ones_once_their_results_are_known() -> None:
    racing = schedule(early_stopping=True)

    for number, score in enumerate([0.8, None, *[0.7] * 8]):
        assert isinstance(racing.candidate(number), Candidate)
        racing.record(number, score)

    assert racing.rivals(0) == racing.rivals(1) == []
    assert racing.rivals(2) == [0]
    assert racing.rivals(5) == [0, 2, 3]
    assert racing.rivals(9) == racing.rivals(10) == [0, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("first", [None, math.nan], ids=str)
def test_a_candidate_without_a_score_does_not_keep_the_search_going(first: float | None) -> None:
    searching = schedule(early_stopping=True, folds=1)
    scores = [first]

    while not isinstance(candidate := searching.candidate(len(scores) - 1), NoCandidate):
        searching.record(len(scores) - 1, scores[-1])
        scores.append(0.8)

    assert candidate is NoCandidate.EARLY_STOPPING


@pytest.mark.parametrize("folds", [1, 2])
def test_without_a_race_a_candidate_waits_for_nobody(folds: int) -> None:
    together = schedule(early_stopping=True, folds=folds)

    started = [together.candidate(number) for number in range(5)]

    assert all(isinstance(candidate, Candidate) for candidate in started)
    assert together.rivals(4) == []


def test_a_candidate_waits_for_its_rivals() -> None:
    racing = schedule(early_stopping=True)
    first = [racing.candidate(number) for number in range(2)]

    waiting = racing.candidate(2)
    racing.record(0, 0.8)

    assert all(isinstance(each, Candidate) for each in first)
    assert waiting is NoCandidate.WAIT
    assert isinstance(racing.candidate(2), Candidate)


def test_without_early_stopping_there_is_no_race() -> None:
    patient = schedule(early_stopping=False)

    for number in range(6):
        assert isinstance(patient.candidate(number), Candidate)

    assert patient.rivals(5) == []


def test_a_run_goes_on_without_those_left_behind(curved: pd.DataFrame, run_engine: Train) -> None:
    rows = curved.assign(label=np.where(curved["amount"] > 0, "yes", "no")).drop(columns="amount")

    result = run_engine(
        rows, n_cross_validations=3, iterations=12, max_concurrent_iterations=2,
        allowed_models=("LightGBM", "LogisticRegression", "KNN"),
    )  # fmt: skip

    left = [child for child in result.children if child.status == "Canceled"]
    assert [child.algorithm for child in left].count("LogisticRegression") >= 1
    assert all("left behind" in str(child.error) for child in left)
    assert result.best.score is not None
    assert result.best.score > 0.9
