"""A signature in a URL is used to fetch the data and is found nowhere afterwards."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from bankml import Workflow, WorkflowConfig
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


def test_no_secret_is_in_a_file_a_log_or_a_text(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with scripted_server(Answer(body=CSV)) as server:
        config = WorkflowConfig().replace(
            workspace={"path": folder},
            dataset={"source": f"{server.url}/bank.csv?sig={SECRET}"},
            automl=SETTINGS,
        )
        workflow = Workflow(config)
        run = workflow.train(wait=False).wait(120, progress=False)
    published = workflow.publish(run)
    triggered = workflow.trigger(published).wait(120, progress=False)
    request = workflow.trigger(published, dry_run=True)
    run.report(tmp_path / "report.html")

    token = (folder / "token").read_text().strip()
    shown = f"{workflow.plan()}{run!r}{published!r}{triggered!r}{request!r}{request}{run.log()}"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert SECRET in server.requests[0]["path"]
    assert {"bankml.db", "report.html"} <= {path.name for path in files}
    assert SECRET not in shown
    assert token not in shown
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]
    assert [path.name for path in files if token.encode() in path.read_bytes()] == ["token"]


def test_nobody_else_can_look_into_the_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    config = WorkflowConfig().replace(workspace={"path": folder}, dataset={"source": "sample"})

    Workflow(config).workspace  # noqa: B018 - opening it creates it

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
