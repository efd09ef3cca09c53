"""A run that is over in a second, for tests of what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml import Run, Workflow, WorkflowConfig

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

TRAINED_ROWS = 400


def workflow_in(folder: Path, description: str = "Customers") -> Workflow:
    """Return a local workflow that tries two candidates and their ensemble."""
    config = WorkflowConfig().replace(
        workspace={"path": folder / "workspace"},
        dataset={"name": "customers", "source": None, "description": description},
        automl={
            "iterations": 2,
            "allowed_models": ["LightGBM", "LogisticRegression"],
            "n_cross_validations": 2,
        },
    )
    return Workflow(config)


def trained(workflow: Workflow, frame: pd.DataFrame) -> Run:
    """Return a finished run on the frame's first rows."""
    return workflow.train(frame.head(TRAINED_ROWS), wait=False).wait(120, progress=False)


def unseen_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that such a run has not seen."""
    return frame.iloc[TRAINED_ROWS:]
