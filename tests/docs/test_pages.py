"""The code in the pages runs as it stands, and the page of all configuration keys is up to date."""

from __future__ import annotations

import inspect
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import pytest

from bankml import Workflow, WorkflowConfig
from tests import azure_sdk
from tests.small_runs import trained, unseen_rows, workflow_in

if TYPE_CHECKING:
    import pandas as pd

    from bankml import PublishedPipeline, Run

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([\w./-]+\.(?:md|py))\)")


@pytest.fixture(scope="module")
def wf(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A local workflow that tries two candidates and their ensemble."""
    return workflow_in(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def run(wf: Workflow, small_frame: pd.DataFrame) -> Run:
    return trained(wf, small_frame)


@pytest.fixture(scope="module")
def published(wf: Workflow, run: Run) -> PublishedPipeline:
    return wf.publish(run)


@pytest.fixture
def unseen(small_frame: pd.DataFrame) -> pd.DataFrame:
    return unseen_rows(small_frame)


@pytest.fixture
def new_rows(unseen: pd.DataFrame) -> pd.DataFrame:
    return unseen


@pytest.fixture
def frame(small_frame: pd.DataFrame) -> pd.DataFrame:
    return small_frame.rename(columns={"y": "churned"})


def code_of(name: str) -> list[str]:
    """Return a page's pieces of Python, in their order."""
    found = BLOCK.findall((DOCS / name).read_text("utf-8"))
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("train.md", ("frame",)),
        ("results.md", ("run", "unseen")),
        ("evaluate.md", ("run", "unseen")),
        ("report.md", ("run", "unseen")),
        ("retrain.md", ("wf", "run", "new_rows")),
    ],
)
def test_the_pages_code_runs(
    name: str, given: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    names = {each: request.getfixturevalue(each) for each in given}
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("agg")

    for block in code_of(name):
        exec(compile(block, name, "exec"), names)  # noqa: S102 - our own pages

    plt.close("all")


def test_the_code_of_the_page_on_azure_runs(
    request: pytest.FixtureRequest, frame: pd.DataFrame, tmp_path: Path
) -> None:
    azure_sdk.skip_without("azureml.pipeline")
    emulator = request.getfixturevalue("azureml_emulator")
    frame.to_parquet(tmp_path / "frame.parquet")
    given = [
        "import pandas",
        "frame = pandas.read_parquet('frame.parquet')",
        f"coordinates = {emulator.config_dict}",
    ]
    program = "\n".join([*given, *code_of("azure.md")])

    # A process of its own, as the SDK asks only once which cloud it is in.
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, **emulator.environ},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    assert re.search(r"│ +1 │.*│ +0\.\d{5} │", ended.stdout), ended.stdout


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_tests_of_the_page_on_tests_pass(place: int, request: pytest.FixtureRequest) -> None:
    names: dict[str, Any] = {"Workflow": Workflow, "WorkflowConfig": WorkflowConfig}
    block = code_of("test.md")[place]
    if "azureml" in block:
        azure_sdk.skip_without("azureml.core")

    exec(compile(block, "test.md", "exec"), names)  # noqa: S102 - our own page

    (test,) = [each for name, each in names.items() if name.startswith("test_")]
    test(**{each: request.getfixturevalue(each) for each in inspect.signature(test).parameters})


def test_the_configurations_page_is_what_its_script_writes() -> None:
    written = runpy.run_path(str(DOCS / "configuration.py"))["page"]()

    assert (DOCS / "configuration.md").read_text("utf-8") == written, "run docs/configuration.py"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_no_page_links_to_what_is_not_there(page: Path) -> None:
    linked = LINK.findall(page.read_text("utf-8"))

    assert [link for link in linked if not (DOCS / link).exists()] == []
