"""What a user does to a TabularDataset holds in training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from .stand_in import StandInTraining


@pytest.fixture
def trained_on(
    submit: Callable[..., Any], training: StandInTraining
) -> Callable[[Any], pd.DataFrame]:
    """Train on a dataset and return the rows that reached the engine."""

    def rows(dataset: Any) -> pd.DataFrame:
        run = submit(dataset)
        assert run.get_status() == "Finished", run.get_details()
        return training.frames[-1]

    return rows


def test_all_rows_and_columns(
    dataset: Any, trained_on: Callable[[Any], pd.DataFrame], small_frame: pd.DataFrame
) -> None:
    rows = trained_on(dataset)

    assert rows.shape == small_frame.shape
    assert list(rows["age"]) == list(small_frame["age"])


def test_drop_columns(dataset: Any, trained_on: Callable[[Any], pd.DataFrame]) -> None:
    assert list(trained_on(dataset.drop_columns(["balance"]))) == ["age", "job", "y"]
    assert list(trained_on(dataset.drop_columns("job"))) == ["age", "balance", "y"]


def test_keep_columns(dataset: Any, trained_on: Callable[[Any], pd.DataFrame]) -> None:
    assert list(trained_on(dataset.keep_columns(["age", "y"]))) == ["age", "y"]


def test_skip_then_take(
    dataset: Any, trained_on: Callable[[Any], pd.DataFrame], small_frame: pd.DataFrame
) -> None:
    rows = trained_on(dataset.skip(10).take(25))

    assert list(rows["age"]) == list(small_frame["age"][10:35])


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (lambda data: data["age"] > 60, lambda rows: rows["age"] > 60),
        (lambda data: data["age"] <= 30, lambda rows: rows["age"] <= 30),
        (lambda data: data["job"] == "farmer", lambda rows: rows["job"] == "farmer"),
        (lambda data: data["job"] != "farmer", lambda rows: rows["job"] != "farmer"),
        (
            lambda data: (data["age"] > 40) & (data["job"] == "clerk"),
            lambda rows: (rows["age"] > 40) & (rows["job"] == "clerk"),
        ),
        (
            lambda data: (data["age"] < 25) | ~(data["balance"] < 100.0),
            lambda rows: (rows["age"] < 25) | ~(rows["balance"] < 100.0),
        ),
        (
            lambda data: data["job"].starts_with("te"),
            lambda rows: rows["job"].str.startswith("te"),
        ),
        (
            lambda data: (data["age"] + 1) * 2 >= data["balance"],
            lambda rows: (rows["age"] + 1) * 2 >= rows["balance"],
        ),
        (lambda data: data["job"].is_null(), lambda rows: rows["job"].isna()),
    ],
    ids=["gt", "le", "eq", "ne", "and", "or-not", "starts-with", "arithmetic", "is-null"],
)
def test_filter(
    dataset: Any,
    submit: Callable[..., Any],
    training: StandInTraining,
    small_frame: pd.DataFrame,
    condition: Callable[[Any], Any],
    kept: Callable[[pd.DataFrame], pd.Series],
) -> None:
    submit(dataset.filter(condition(dataset)))

    expected = small_frame[kept(small_frame)]
    assert list(training.frames[-1]["age"]) == list(expected["age"])


def test_a_sample_is_the_same_each_time(
    dataset: Any, trained_on: Callable[[Any], pd.DataFrame]
) -> None:
    first, second = (trained_on(dataset.take_sample(0.2, seed=3)) for _ in range(2))

    assert len(first) == pytest.approx(120, abs=5)
    assert list(first["age"]) == list(second["age"])


def test_a_transformation_that_is_not_known_fails_the_run(
    dataset: Any, submit: Callable[..., Any]
) -> None:
    run = submit(dataset.random_split(0.5, seed=1)[0])

    assert run.get_status() == "Failed"
    assert "does not know the dataset transformation" in str(run.get_details()["error"])
