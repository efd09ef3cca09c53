"""The backends that the suite runs on, each with a workspace of its own."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bankml import Run, Workflow, WorkflowConfig

from .platforms import PLATFORMS, Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

SETTINGS = {
    "iterations": 3,
    "experiment_timeout_minutes": 5.0,
    "max_concurrent_iterations": 2,
    "allowed_models": ("LightGBM", "LogisticRegression"),
    "n_cross_validations": 2,
}


@pytest.fixture(scope="package", params=PLATFORMS, ids=lambda platform: platform.name)
def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A backend and where it works."""
    with ExitStack() as stack:
        request.param.start(stack, tmp_path_factory)
        yield request.param


@pytest.fixture(scope="package")
def new_workflow(platform: Platform) -> Callable[..., Workflow]:
    """Make a workflow on the backend; the options change sections of its configuration."""

    def make(**sections: object) -> Workflow:
        base = WorkflowConfig().replace(
            backend=platform.name,
            workspace=platform.workspace_config(),
            automl=SETTINGS,
            dataset={"name": "conformance", "source": None},
        )
        config = base.replace(**sections)
        return Workflow(config, workspace=platform.open(config))

    return make


@pytest.fixture(scope="package")
def workflow(new_workflow: Callable[..., Workflow]) -> Workflow:
    """The workflow that most tests share."""
    return new_workflow()


@pytest.fixture(scope="package")
def trained(workflow: Workflow, small_frame: pd.DataFrame) -> Run:
    """A finished run on the small data."""
    return workflow.train(small_frame, wait=False).wait(240, progress=False)
