"""Every example runs from a fresh folder, as its user would start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bankml import Workflow, WorkflowConfig
from bankml.server import running_server

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = Path(__file__).parents[2] / "examples"
SPECIAL = {"retrain_service.py", "notebook_v1.py"}  # they need a server or an emulator
PLAIN = sorted(path.name for path in EXAMPLES.glob("*.py") if path.name not in SPECIAL)


def start(name: str, *arguments: str, **environment: str) -> str:
    result = attempt(name, *arguments, **environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def attempt(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=170,
    )


@pytest.mark.parametrize("name", PLAIN)
def test_example_runs(name: str) -> None:
    assert start(name).strip()


def test_retraining_by_a_service_is_started_once(small_frame: pd.DataFrame) -> None:
    config = WorkflowConfig().replace(
        dataset={"name": "small", "source": None},
        automl={"iterations": 1, "enable_voting_ensemble": False},
    )
    workflow = Workflow(config)
    published = workflow.publish(workflow.train(small_frame))

    with running_server(config) as server:
        environment = {
            "BANKML_ENDPOINT": server.endpoint(published.id),
            "BANKML_TOKEN": server.token,
        }
        first = start("retrain_service.py", "message-7", **environment)
        second = start("retrain_service.py", "message-7", **environment)

    assert first == second
    assert len(workflow.runs("nightly-retraining")) == 1


def test_the_service_says_what_it_needs_to_be_told() -> None:
    result = attempt("retrain_service.py", "message-7")

    assert (result.returncode, result.stderr) == (2, "")
    assert "BANKML_ENDPOINT" in result.stdout
