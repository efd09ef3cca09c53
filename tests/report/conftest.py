"""A finished run to report on, and a browser to look at its report with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.small_runs import trained, unseen_rows, workflow_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from bankml import Run, Workflow


@pytest.fixture(scope="session")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A local workflow that tries two candidates and their ensemble."""
    return workflow_in(tmp_path_factory.mktemp("reported"), "Six hundred customers")


@pytest.fixture(scope="session")
def finished(workflow: Workflow, small_frame: pd.DataFrame) -> Run:
    """A finished run on four hundred of the small frame's rows."""
    return trained(workflow, small_frame)


@pytest.fixture(scope="session")
def unseen(small_frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the run has not seen."""
    return unseen_rows(small_frame)


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
