"""The cores that a process may use, and who keeps to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bankml import cores
from bankml.config import WorkflowConfig
from bankml.doctor import examine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the file in which the system keeps a container's quota."""
    path = tmp_path / "cpu.max"
    monkeypatch.setattr(cores, "_CPU_LIMIT", path)
    return path


def test_a_cpu_quota_counts_as_cores(limit: Path) -> None:
    usual = cores.available_cores()

    limit.write_text("100000 100000\n")
    assert cores.available_cores() == 1
    limit.write_text("50000 100000\n")
    assert cores.available_cores() == 1
    limit.write_text("max 100000\n")
    assert cores.available_cores() == usual


def test_the_doctor_tells_the_cores_that_may_be_used(
    limit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    limit.write_text("100000 100000\n")

    found = {finding.subject: finding.message for finding in examine(WorkflowConfig())}

    assert found["cores"] == "1"
