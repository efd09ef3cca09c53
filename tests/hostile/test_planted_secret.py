"""A signature in a URL is used to fetch the data and is found nowhere afterwards."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from bankml import RunStatus, Workflow, WorkflowConfig
from tests.data.scripted_server import Answer, scripted_server

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "PLANTED-7f3a"  # noqa: S105 - planted to be looked for
ROWS = "".join(f"{20 + number % 50},{'yes' if number % 3 else 'no'}\n" for number in range(300))
CSV = f"age,y\n{ROWS}".encode()
SETTINGS = {
    "iterations": 1,
    "allowed_models": ("LogisticRegression",),
    "n_cross_validations": 2,
    "experiment_timeout_minutes": 2.0,
}


def test_a_planted_signature_is_in_no_file_and_no_plan(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with scripted_server(Answer(body=CSV)) as server:
        config = WorkflowConfig().replace(
            workspace={"path": folder},
            dataset={"source": f"{server.url}/bank.csv?sig={SECRET}"},
            automl=SETTINGS,
        )
        workflow = Workflow(config)
        run = workflow.train(wait=False).wait(120, progress=False)

    assert run.status() is RunStatus.FINISHED
    assert SECRET in server.requests[0]["path"]
    assert SECRET not in str(workflow.plan())
    assert SECRET not in run.log()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_nobody_else_can_look_into_the_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    config = WorkflowConfig().replace(workspace={"path": folder}, dataset={"source": "sample"})

    Workflow(config).workspace  # noqa: B018 - opening it creates it

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
