"""The run's own process conducts and stays small; what is heavy is carried by others."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import AutoMLSettings, ChildFinished, Event
from bankml.backends.local.automl.data.preparation import prepare
from bankml.backends.local.automl.data.rows import ParquetRows, labelled_rows
from bankml.errors import DataError, RunCanceledError, RunFailedError
from tests.automl.conftest import worker_processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.automl.conftest import Train

PROGRAM = """
import sys
from pathlib import Path
from bankml.backends.local.automl import AutoMLSettings, train
source, folder = map(Path, sys.argv[1:])
settings = AutoMLSettings("classification", "label", iterations=3, n_cross_validations=2)
result = train(
    source, settings, workers=2, on_event=lambda event: None, should_stop=lambda: False,
    scratch=folder,
)
print(result.best.status, *result.classes, result.model_file.exists())
print(*{"lightgbm", "pandas", "pyarrow", "scipy", "sklearn", "skops"} & set(sys.modules))
"""


@pytest.fixture(scope="module")
def frame(mixed_frame: pd.DataFrame) -> pd.DataFrame:
    return mixed_frame[["number", "colour", "label"]]


def test_a_run_loads_nothing_heavy_into_its_own_process(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame.to_parquet(tmp_path / "rows.parquet")

    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "rows.parquet"), str(tmp_path / "scratch")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout.splitlines() == ["Finished no yes True", ""]


def test_what_is_wrong_with_the_data_is_said_as_where_it_is_found(
    frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    one_class = frame.assign(label="yes")
    with pytest.raises(DataError) as found:
        prepare(one_class, AutoMLSettings("classification", "label"), tmp_path)

    with pytest.raises(DataError) as said:
        run_engine(one_class)

    assert (type(said.value), str(said.value)) == (type(found.value), str(found.value))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (AutoMLSettings("classification", "Label"), "'Label'. Did you mean 'label'?"),
        (
            AutoMLSettings("classification", "label", exclude_columns=("color",)),
            "not there: color. Did you mean 'colour'?",
        ),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_nearest_one(
    frame: pd.DataFrame, tmp_path: Path, settings: AutoMLSettings, words: str
) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        prepare(frame, settings, tmp_path)


def test_a_preparation_that_was_killed_is_tried_again(
    frame: pd.DataFrame, run_engine: Train
) -> None:
    result = run_engine(frame, iterations=1, should_stop=_killing(times=1))

    assert result.best.status == "Finished"


def test_a_preparation_that_is_always_killed_fails_the_run_and_says_why(
    frame: pd.DataFrame, run_engine: Train
) -> None:
    with pytest.raises(RunFailedError, match=r"preparing the data died \(SIGKILL\).*memory"):
        run_engine(frame, should_stop=_killing(times=1_000))

    assert worker_processes() == []


def test_a_cancel_ends_the_preparation(frame: pd.DataFrame, run_engine: Train) -> None:
    events: list[Event] = []

    with pytest.raises(RunCanceledError):
        run_engine(frame, should_stop=lambda: True, on_event=events.append)

    assert events == []
    assert worker_processes() == []


def test_a_time_out_during_the_preparation_is_kept(frame: pd.DataFrame, run_engine: Train) -> None:
    with pytest.raises(RunFailedError, match=r"being prepared.*experiment_timeout_minutes"):
        run_engine(frame, experiment_timeout_seconds=0.01)


def test_workers_that_are_killed_before_the_end_cost_no_model(
    frame: pd.DataFrame, run_engine: Train
) -> None:
    def kill_after_the_ensemble(event: Event) -> None:
        if isinstance(event, ChildFinished) and event.result.algorithm == "VotingEnsemble":
            _kill_all()

    result = run_engine(frame, iterations=4, on_event=kill_after_the_ensemble)

    assert set(result.model.predict(frame)) <= {"yes", "no"}


@pytest.mark.parametrize("shares", [("no", "yes"), ("no", "perhaps", "yes")])
def test_the_kept_predictions_are_those_of_the_original_labels(
    frame: pd.DataFrame, run_engine: Train, shares: tuple[str, ...]
) -> None:
    label = pd.qcut(frame["number"].fillna(0), len(shares), labels=list(shares)).astype(str)

    kept = run_engine(frame.assign(label=label)).validation_predictions

    assert list(kept) == ["row", "truth", *(f"probability_{name}" for name in shares)]
    assert sorted(kept["row"]) == list(range(len(frame)))
    assert (kept["truth"].to_numpy() == label.iloc[kept["row"]].to_numpy()).all()
    assert np.allclose(kept.filter(like="probability_").sum(axis=1), 1.0, atol=1e-5)


def test_rows_without_a_label_are_left_out_where_that_is_asked_for(
    frame: pd.DataFrame, run_engine: Train
) -> None:
    unlabelled = frame.assign(label=frame["label"].mask(frame.index % 10 == 0))

    with pytest.raises(
        DataError, match=r'missing in 40 of 400 rows.*automl\.missing_label: "drop"'
    ):
        run_engine(unlabelled)
    result = run_engine(unlabelled, missing_label="drop")

    assert "40 rows without a label were dropped." in result.notes
    assert len(result.validation_predictions) == 360


def test_a_large_file_without_some_labels_is_read_whole(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    frame.assign(label=frame["label"].mask(frame.index % 10 == 0)).to_parquet(path)
    settings = AutoMLSettings("classification", "label", missing_label="drop")

    rows, dropped = labelled_rows(ParquetRows(path), settings)

    assert (len(rows), dropped) == (360, 40)
    expected = pd.read_parquet(path).dropna(subset="label").reset_index(drop=True)
    for name in frame:
        pd.testing.assert_series_equal(rows[name], expected[name])


def _killing(times: int) -> Callable[[], bool]:
    """Return an answer to whether to stop that kills all workers the first times it is asked."""
    asked: list[Any] = []

    def should_stop() -> bool:
        asked.append(None)
        if len(asked) <= times:
            _kill_all()
        return False

    return should_stop


def _kill_all() -> None:
    for process in worker_processes():
        process.kill()
