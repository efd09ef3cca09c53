"""The code in the task pages runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import pytest

if TYPE_CHECKING:
    import pandas as pd

    from bankml import Run

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", ["evaluate.md", "report.md"])
def test_the_pages_code_runs(name: str, finished: Run, unseen: pd.DataFrame) -> None:
    blocks = BLOCK.findall((DOCS / name).read_text("utf-8"))
    names = {"run": finished, "unseen": unseen}

    assert blocks
    plt.switch_backend("agg")
    for block in blocks:
        exec(compile(block, name, "exec"), names)  # noqa: S102 - our own pages
    plt.close("all")
