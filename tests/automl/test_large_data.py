"""Data that is large, for its rows or for the memory there is."""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pandas as pd
import psutil
import pytest

from bankml.backends.local.automl.algorithms import CLASSIFICATION_ALGORITHMS
from bankml.backends.local.automl.candidates import cost, halving
from bankml.backends.local.automl.candidates.candidate import (
    CODES,
    ONE_HOT,
    ONE_HOT_PIECEWISE,
    Candidate,
    DataShape,
)
from bankml.backends.local.automl.candidates.cost import core_seconds
from bankml.backends.local.automl.candidates.portfolio import portfolio
from bankml.backends.local.automl.candidates.schedule import NoCandidate, Schedule
from bankml.backends.local.automl.carrying import memory
from bankml.backends.local.automl.data.rows import ParquetRows
from bankml.backends.local.automl.data.validation import choose_validation
from bankml.backends.local.automl.settings import AutoMLSettings
from bankml.backends.local.automl.training import freed_memory, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.automl.conftest import Train

ALL = ("LightGBM", "LogisticRegression", "RandomForest")


def shape(rows: int, columns: int = 20, classes: int = 2) -> DataShape:
    return DataShape("classification", rows, 1, columns, classes, 3, 0)


@pytest.fixture(scope="module")
def many_rows() -> pd.DataFrame:
    """Rows enough for two rungs once a rung is made small."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(24_000, 4)), columns=list("abcd"))
    signal = frame["a"] * frame["b"] + random.normal(size=len(frame))
    return frame.assign(label=np.where(signal > 0, "up", "down"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (shape(30_000), (None,)),
        (shape(3_000_000), (60_000, 480_000, None)),
        (shape(200_000, columns=2_000), (5_000, 40_000, None)),
        (shape(1_000_000, columns=10, classes=100), (5_000, 40_000, 320_000, None)),
    ],
)
def test_the_larger_the_data_the_more_rungs(
    data: DataShape, expected: tuple[int | None, ...]
) -> None:
    assert halving.rungs(data, most=None) == expected


def test_few_iterations_all_learn_from_all_rows() -> None:
    assert halving.rungs(shape(3_000_000), most=3) == (None,)


def test_no_rung_is_larger_than_what_fits_into_memory() -> None:
    assert halving.rungs(shape(3_000_000), None, most_rows=200_000) == (60_000, 200_000)


def test_only_the_best_of_a_rung_learn_from_more_rows() -> None:
    schedule = Schedule(
        shape(500_000), ALL, "AUC_weighted", 0, lag=1, most=None, early_stopping=True
    )
    rows, number = [], 0

    while not isinstance(candidate := schedule.candidate(number), NoCandidate):
        rows.append(candidate.rows)
        schedule.record(number, 0.9 - 0.01 * number)
        number += 1

    assert rows.count(None) == 2
    assert set(rows[:-2]) == {60_000}
    assert candidate is NoCandidate.EARLY_STOPPING


@pytest.fixture
def sampling() -> Schedule:
    """A schedule of which three candidates learnt from 60,000 of very many rows; one has begun."""
    schedule = Schedule(
        shape(5_000_000), ALL, "AUC_weighted", 0, lag=1, most=None, early_stopping=True
    )
    for number in range(3):
        schedule.candidate(number)
        schedule.record(number, 0.8 + 0.01 * number)
    schedule.candidate(3)
    return schedule


@pytest.mark.parametrize(
    ("in_time", "rows"), [(9_000_000, None), (4_500_000, None), (800_000, 800_000)]
)
def test_a_hurried_schedule_goes_on_at_once_with_the_rows_there_is_time_for(
    sampling: Schedule, in_time: int, rows: int | None
) -> None:
    sampling.hurry(4, in_time)

    following = [sampling.candidate(4 + more) for more in range(3)]
    assert [each.rows for each in following if isinstance(each, Candidate)] == [rows] * 2
    assert following[-1] is NoCandidate.HURRY


def test_a_rung_knows_whether_something_but_boosting_was_tried() -> None:
    schedule = Schedule(
        shape(5_000_000), ALL, "AUC_weighted", 0, lag=1, most=None, early_stopping=True
    )
    tried = []

    for number in range(4):
        candidate = schedule.candidate(number)
        assert isinstance(candidate, Candidate)
        schedule.record(number, 0.8)
        tried.append((candidate.is_boosting, schedule.has_tried_others))

    assert tried == [(True, False), (True, False), (True, False), (False, True)]


def test_where_only_boosting_is_allowed_nothing_else_is_waited_for() -> None:
    schedule = Schedule(
        shape(5_000_000), ALL[:1], "AUC_weighted", 0, lag=1, most=None, early_stopping=True
    )

    assert schedule.has_tried_others


def test_where_the_time_is_too_short_for_more_rows_candidates_go_on_with_those_they_have(
    sampling: Schedule,
) -> None:
    sampling.record(3, 0.83)
    sampling.hurry(4, 100_000)

    number, rows = 4, set()
    while not isinstance(candidate := sampling.candidate(number), NoCandidate):
        rows.add(candidate.rows)
        sampling.record(number, 0.83)
        number += 1

    assert rows == {60_000}
    assert candidate is NoCandidate.EARLY_STOPPING


def test_the_work_grows_with_the_data_and_bounds_the_portfolio() -> None:
    small, large = (portfolio(shape(rows), CLASSIFICATION_ALGORITHMS) for rows in (4_000, 40_000))

    assert core_seconds(large[0], shape(40_000)) > core_seconds(small[0], shape(4_000))
    assert "SVM" in {candidate.algorithm for candidate in small}
    assert "SVM" not in {candidate.algorithm for candidate in large}


@pytest.mark.parametrize("algorithm", ["LogisticRegression", "RandomForest", "SVM", "KNN"])
def test_an_algorithm_that_is_the_only_one_allowed_is_tried_on_any_data(algorithm: str) -> None:
    wide = shape(1_000_000, columns=3_000)

    assert {candidate.algorithm for candidate in portfolio(wide, (algorithm,))} == {algorithm}


def test_an_algorithm_that_is_asked_for_by_name_is_tried_beside_others() -> None:
    names = ("LightGBM", "RandomForest", "GradientBoosting", "SVM")

    planned = portfolio(shape(40_000), names, wanted=names)

    assert {candidate.algorithm for candidate in planned} == {*names} - {"SVM"}


def test_a_run_says_what_it_did_not_try_although_it_was_asked_for(
    many_rows: pd.DataFrame, run_engine: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "_ENOUGH_SECONDS", 1.0)

    result = run_engine(
        many_rows, iterations=2, allowed_models=("LightGBM", "SVM"), enable_voting_ensemble=False
    )

    assert {child.algorithm for child in result.children} == {"LightGBM"}
    assert any("SVM: not tried" in note for note in result.notes)


def test_halving_trains_the_final_candidates_on_all_rows(
    many_rows: pd.DataFrame, run_engine: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halving, "_FIRST_CELLS", 16_000)
    monkeypatch.setattr(halving, "_FEWEST_ROWS", 2_000)

    result = run_engine(
        many_rows, iterations=None, n_cross_validations=None, allowed_models=("LightGBM",)
    )

    finished = [child for child in result.children if child.algorithm == "LightGBM"]
    sampled = [child for child in finished if "training_rows" in child.parameters]
    on_all = [child for child in finished if "training_rows" not in child.parameters]
    assert len(on_all) == 2
    assert len(sampled) > 3
    assert min(child.score or 0 for child in on_all) > np.median([c.score or 0 for c in sampled])


def test_models_that_are_not_wanted_take_no_work_from_those_that_are() -> None:
    shape, network = DataShape("classification", 20_000, 1, 2_000, 2, 0, 0), "MultiLayerPerceptron"
    among_all = portfolio(shape, CLASSIFICATION_ALGORITHMS, 5_000)

    alone = portfolio(shape, (network,), 5_000)

    assert len(alone) > sum(candidate.algorithm == network for candidate in among_all)


def test_short_memory_means_fewer_rows_and_workers_and_a_note(
    many_rows: pd.DataFrame, run_engine: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 250_100_000)

    result = run_engine(many_rows, n_cross_validations=None, enable_voting_ensemble=False)

    assert result.best.parameters["training_rows"] == 3_571
    assert any(
        "Memory is short" in note and "3,571 of 21,600 rows" in note for note in result.notes
    )


@pytest.mark.parametrize(
    ("available", "workers", "rows"),
    [(10**10, 4, None), (320_000_000, 1, None), (0, 1, 1_000)],
)
def test_what_fits_into_memory(available: int, workers: int, rows: int | None) -> None:
    assert memory.workers_that_fit(4, 1_000_000, 20, available) == workers
    assert memory.rows_that_fit(1_000_000, 20, max(available, 0)) == rows


@pytest.mark.parametrize(("preprocessor", "columns"), [(ONE_HOT, 500), (ONE_HOT_PIECEWISE, 60)])
def test_linear_models_are_promoted_where_copies_of_the_rows_are_small(
    preprocessor: str, columns: int
) -> None:
    linear = Candidate("LogisticRegression", preprocessor, {}, 5_000)
    boosting = Candidate("LightGBM", CODES, {}, 5_000)
    numbers = DataShape("classification", 20_000, 1, columns, 2, 0, 0)

    few, many = (
        halving.promoted([linear, boosting], replace(numbers, rows=rows), None, 1)
        for rows in (20_000, 200_000)
    )

    assert few == [replace(linear, rows=None)]
    assert many == [replace(boosting, rows=None)]


def test_boosting_learns_in_large_steps_from_very_many_rows() -> None:
    slow = Candidate("LightGBM", CODES, {"learning_rate": 0.07, "num_leaves": 15}, 60_000)

    (of_many,) = halving.promoted([slow], shape(300_000), None, 1)
    (of_very_many,) = halving.promoted([slow], shape(3_000_000), None, 1)

    assert of_many.parameters == slow.parameters
    assert of_very_many.parameters == {"learning_rate": 0.14, "num_leaves": 15}


def test_a_logistic_regression_trusts_each_of_many_columns_less() -> None:
    few, many = (
        portfolio(shape(4_000, columns), ("LogisticRegression",))[0] for columns in (40, 400)
    )

    assert few.parameters == {"C": 1.0}
    assert many.parameters == {"C": 0.01}


def test_rows_are_copied_a_few_columns_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_MAPPED_VALUES", 30)
    kept = store.Store(tmp_path, "regression", 0, (0,), (), ())
    matrix = np.arange(70, dtype=np.float32).reshape(10, 7)
    kept.write_matrix(10, 7, (matrix[:, :4], matrix[:, 4:]))

    rows, all_rows = kept.rows(np.array([2, 5, 9])), kept.rows()

    assert rows.tolist() == matrix[[2, 5, 9]].tolist()
    assert all_rows.tolist() == matrix.tolist()


def test_of_a_matrix_that_there_is_no_room_for_nothing_is_left(tmp_path: Path) -> None:
    def blocks() -> Iterator[NDArray[np.float32]]:
        yield np.zeros((10, 4), np.float32)
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = tmp_path / "store"
    folder.mkdir()

    with pytest.raises(OSError, match="No space left"):
        store.Store(folder, "regression", 0, (0,), (), ()).write_matrix(10, 7, blocks())

    assert list(folder.iterdir()) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep little")
def test_memory_that_is_no_longer_used_is_given_back() -> None:
    process = psutil.Process()
    # The last one is in the way of what the C library would give back by itself.
    blocks = [bytes(1_000) for _ in range(100_000)]
    del blocks[:-1]
    before = process.memory_info().rss

    freed_memory.give_back()

    assert before - process.memory_info().rss > 50_000_000


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    load_library = Mock()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", load_library)

    freed_memory.give_back()

    assert not load_library.called


def test_a_file_of_many_columns_is_not_opened_for_each_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame(np.arange(3_000.0).reshape(10, 300)).rename(columns=str)
    frame.to_parquet(tmp_path / "rows.parquet")
    read_parquet = Mock(side_effect=pd.read_parquet)
    monkeypatch.setattr(pd, "read_parquet", read_parquet)

    rows = ParquetRows(tmp_path / "rows.parquet")

    assert [rows[name].iloc[1] for name in rows.columns] == frame.iloc[1].tolist()
    assert read_parquet.call_count == 1


def test_a_large_file_is_read_column_by_column(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    frame = pd.DataFrame({"number": [1.5, None], "text": ["a", None]})
    frame.to_parquet(path)

    rows = ParquetRows(path)

    assert list(rows.columns) == ["number", "text"]
    assert len(rows) == 2
    for name in frame:
        pd.testing.assert_series_equal(rows[str(name)], frame[name])


@pytest.mark.parametrize(
    ("rows", "rare", "expected"),
    [
        (299, 0.3, "10-fold cross-validation"),
        (300, 0.3, "5-fold cross-validation"),
        (1_000, 0.3, "3-fold cross-validation"),
        (5_000, 0.3, "3-fold cross-validation"),
        (8_000, 0.3, "25% of the rows held out"),
        (30_000, 0.3, "10% of the rows held out"),
        (30_000, 0.02, "17% of the rows held out"),
        (30_000, 0.005, "3-fold cross-validation"),
    ],
)
def test_as_many_rows_are_held_out_as_scores_need(rows: int, rare: float, expected: str) -> None:
    label = (np.arange(rows) < rare * rows).astype(np.float64)
    settings = AutoMLSettings(task="classification", label_column_name="label")

    assert choose_validation(settings, label).description == expected


def test_not_more_rows_are_held_out_than_scores_need() -> None:
    label = np.arange(2_000_000, dtype=np.float64)
    settings = AutoMLSettings(task="regression", label_column_name="label")

    validation = choose_validation(settings, label)

    assert (validation.fold == 0).sum() == 100_000
