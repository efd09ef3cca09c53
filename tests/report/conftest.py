"""A finished run to report on, and a browser to look at its report with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from bankml import Run, Workflow, WorkflowConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd


@pytest.fixture(scope="session")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A local workflow that tries two candidates and their ensemble."""
    config = WorkflowConfig().replace(
        workspace={"path": tmp_path_factory.mktemp("reported") / "workspace"},
        dataset={"name": "customers", "source": None, "description": "Six hundred customers"},
        automl={
            "iterations": 2,
            "allowed_models": ["LightGBM", "LogisticRegression"],
            "n_cross_validations": 2,
        },
    )
    return Workflow(config)


@pytest.fixture(scope="session")
def finished(workflow: Workflow, small_frame: pd.DataFrame) -> Run:
    """A finished run on four hundred of the small frame's rows."""
    return workflow.train(small_frame.head(400), wait=False).wait(120, progress=False)


@pytest.fixture(scope="session")
def unseen(small_frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the run has not seen."""
    return small_frame.tail(200)


@pytest.fixture(scope="session")
def report(finished: Run, unseen: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished run's report, evaluated on unseen rows."""
    return finished.report(tmp_path_factory.mktemp("report") / "report.html", unseen)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; what needs it is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()
