"""The notebook runs from its first cell to its last, and what is committed shows that it did."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOK = Path(__file__).parents[2] / "examples" / "bank_marketing.ipynb"
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/<])/(?:home|root|tmp|work|Users|var|usr|opt)/|[A-Z]:\\\\")


@pytest.fixture
def notebook() -> Any:
    """The notebook as it is committed."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    return nbformat.read(NOTEBOOK, as_version=4)


def code_cells(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def test_the_committed_outputs_are_those_of_one_clean_run(notebook: Any) -> None:
    counts = [cell.execution_count for cell in code_cells(notebook)]

    assert counts == list(range(1, len(counts) + 1))


def test_no_absolute_path_is_committed() -> None:
    assert ABSOLUTE_PATH.search(NOTEBOOK.read_text("utf-8")) is None


def test_the_notebook_runs_from_first_to_last_cell(notebook: Any, tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    client = nbclient.NotebookClient(
        notebook, timeout=150, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )

    client.execute()

    printed = "".join(
        output.text
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream"
    )
    assert "Column 'duration'" in printed
    assert "outputs reused: True" in printed
    assert (tmp_path / "report.html").is_file()
