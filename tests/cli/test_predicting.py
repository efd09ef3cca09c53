"""Predictions from the command line: a CSV file with a line for each row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bankml import Run, Workflow
from bankml.cli import exit_codes
from tests.small_runs import trained, unseen_rows, workflow_in

from .conftest import Outcome

if TYPE_CHECKING:
    from bankml.models import BestModel

Bankml = Callable[..., Outcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, small_frame: pd.DataFrame) -> Run:
    return trained(workflow_in(tmp_path_factory.mktemp("predicting")), small_frame)


@pytest.fixture(scope="module")
def model(run: Run) -> BestModel:
    return run.best_model()


@pytest.fixture
def rows(small_frame: pd.DataFrame, tmp_path: Path) -> pd.DataFrame:
    """Unseen rows, without their label in ``rows.csv``."""
    unseen = unseen_rows(small_frame).drop(columns="y")
    unseen.to_csv(tmp_path / "rows.csv", index=False)
    return unseen


def test_a_run_predicts_labels_and_probabilities_in_the_order_of_the_rows(
    bankml: Bankml, run: Run, model: BestModel, rows: pd.DataFrame
) -> None:
    outcome = bankml("predict", run.ref, "--data", "rows.csv", *workspace_of(run))

    assert outcome.out == "200 predictions written to predictions.csv\n", outcome.err
    written = pd.read_csv("predictions.csv")
    assert list(written) == ["y", "probability_no", "probability_yes"]
    assert list(written["y"]) == list(model.predict(rows))
    assert np.allclose(written.iloc[:, 1:], model.predict_proba(rows))


def test_a_saved_model_predicts_without_a_workspace(
    bankml: Bankml, model: BestModel, rows: pd.DataFrame, tmp_path: Path
) -> None:
    model.save(tmp_path / "saved")

    outcome = bankml("predict", "saved", "--data", "rows.csv", "-o", "here.csv")

    assert outcome.code == exit_codes.OK, outcome.err
    assert list(pd.read_csv("here.csv")["y"]) == list(model.predict(rows))
    assert not (tmp_path / ".bankml").exists()


def test_a_model_of_one_feature_predicts_a_file_of_one_column(
    bankml: Bankml, small_frame: pd.DataFrame, tmp_path: Path
) -> None:
    run = trained(workflow_in(tmp_path), small_frame[["age", "y"]])
    unseen_rows(small_frame)[["age"]].to_csv(tmp_path / "ages.csv", index=False)

    outcome = bankml("predict", run.ref, "--data", "ages.csv", *workspace_of(run))

    assert outcome.out == "200 predictions written to predictions.csv\n", outcome.err


def test_a_regression_predicts_one_column(
    bankml: Bankml, small_frame: pd.DataFrame, tmp_path: Path, rows: pd.DataFrame
) -> None:
    amounts = small_frame.assign(y=small_frame["age"] * 2.0)
    base = workflow_in(tmp_path).config
    automl = {"task": "regression", "primary_metric": "r2_score", "allowed_models": ["LightGBM"]}
    run = trained(Workflow(base.replace(automl=automl)), amounts)

    outcome = bankml("predict", run.id[:8], "--data", "rows.csv", *workspace_of(run))

    assert outcome.code == exit_codes.OK, outcome.err
    written = pd.read_csv("predictions.csv")
    assert list(written) == ["y"]
    assert len(written) == len(rows)


def test_a_column_that_is_lacking_leaves_no_file(
    bankml: Bankml, run: Run, rows: pd.DataFrame
) -> None:
    rows.drop(columns="age").to_csv("rows.csv", index=False)

    outcome = bankml("predict", run.id, "--data", "rows.csv", *workspace_of(run))

    assert outcome.code == exit_codes.MODEL
    assert "'age'" in outcome.err
    assert not Path("predictions.csv").exists()


@pytest.mark.usefixtures("rows")
def test_what_is_neither_a_run_nor_a_folder_is_not_found(bankml: Bankml, run: Run) -> None:
    for unknown in ("no-such-run", "no/such/folder", "x" * 10_000):
        outcome = bankml("predict", unknown, "--data", "rows.csv", *workspace_of(run))
        assert outcome.code == exit_codes.NOT_FOUND


@pytest.mark.usefixtures("rows")
def test_a_file_that_can_not_be_written_is_named(bankml: Bankml, run: Run) -> None:
    nowhere = bankml("predict", run.id, "-d", "rows.csv", "-o", "no/x.csv", *workspace_of(run))

    assert nowhere.code == exit_codes.WORKSPACE
    assert "no/x.csv can't be written" in nowhere.err


def workspace_of(run: Run) -> tuple[str, str]:
    """Return the option that names the run's workspace."""
    return "--workspace", run.ref.removeprefix("local://").partition("#")[0]
