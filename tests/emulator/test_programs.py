"""Whole programs, written for Azure and unchanged, run inside the emulator's environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import azure_sdk

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[2]
NOTEBOOK_CELLS = ROOT.parent / "shared" / "reference" / "notebook_cells.json"
EXAMPLE = ROOT / "examples" / "notebook_v1.py"
DATA_URL = (
    "https://automlsamplenotebookdata.blob.core.windows.net/"
    "automl-sample-notebook-data/bankmarketing_train.csv"
)

pytestmark = [
    pytest.mark.skipif(not azure_sdk.RUNS_HERE, reason=azure_sdk.REASON),
    pytest.mark.timeout(300),
]


def run_program(*program: str, data: Path) -> str:
    """Run a program by ``bankml emulator run`` and return what it printed."""
    pytest.importorskip("azureml.pipeline.steps", reason="the Azure ML SDK v1 is not installed")
    bankml = str(Path(sys.executable).with_name("bankml"))
    command = [bankml, "emulator", "run", "--map", f"{DATA_URL}={data}"]
    result = subprocess.run(
        [*command, "--", *program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MPLBACKEND": "agg"},
        timeout=280,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def test_our_own_v1_script(small_bank_csv: Path) -> None:
    printed = run_program(sys.executable, str(EXAMPLE), data=small_bank_csv)

    assert "AUC_weighted" in printed
    assert re.search(r"Published: http://127\.0\.0\.1:\d+/pipelines/v1\.0/", printed)
    assert re.search(r"Second run: \S+ Finished", printed)
    assert not Path(".azureml").exists()


def notebook_program() -> str:
    """The notebook's own cells as one script.

    Two things are changed: the widget is not shown, and the run id that its author pasted in is
    the one of this run.
    """
    if not NOTEBOOK_CELLS.is_file():
        pytest.skip("the notebook's cells are not beside this checkout (shared/reference)")
    cells = []
    for cell in json.loads(NOTEBOOK_CELLS.read_text()):
        lines = [line for line in cell.splitlines() if "RunDetails" not in line]
        pasted = re.compile(r'^run_id = "[0-9a-f-]{36}"$')
        cells.append("\n".join(pasted.sub("run_id = pipeline_run.id", line) for line in lines))
    return "\n\n".join(cells)


def test_the_notebook_itself(small_bank_csv: Path, small_bank: pd.DataFrame) -> None:
    folder = Path("bank-marketing")
    folder.mkdir()
    (folder / "README.txt").write_text("code of the step")
    ending = """
assert len(dataset.to_pandas_dataframe()) == ROWS
assert df.loc["AUC_weighted"].map(lambda value: value[0]).max() > 0.7
assert best_model.steps
published_pipeline_run.wait_for_completion(show_output=False)
print("second run:", published_pipeline_run.get_status())
""".replace("ROWS", str(len(small_bank)))
    Path("notebook.py").write_text(notebook_program() + ending)

    printed = run_program(sys.executable, "notebook.py", data=small_bank_csv)

    assert "second run: Finished" in printed
