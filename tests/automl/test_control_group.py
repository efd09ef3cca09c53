"""What the control groups of a process leave of the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bankml.backends.local.automl.carrying.control_group import free_bytes

if TYPE_CHECKING:
    from pathlib import Path

SECOND = "memory.max", "memory.current", "inactive_file"
FIRST = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
NAMES = {"0::": (SECOND, ""), "4:cpu,memory:": (FIRST, "memory/")}


def member(folder: Path, *lines: str) -> Path:
    path = folder / "cgroup"
    path.write_text("\n".join(["9:name=systemd:/", *lines]))
    return path


def group(folder: Path, names: tuple[str, str, str], limit: str, used: int, cached: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 7\n{names[2]} {cached}\n")


@pytest.mark.parametrize("version", NAMES)
def test_cached_files_give_way(tmp_path: Path, version: str) -> None:
    names, root = NAMES[version]
    group(tmp_path / root / "service", names, "1000", used=600, cached=50)

    assert free_bytes(member(tmp_path, f"{version}/service"), tmp_path) == 450


@pytest.mark.parametrize("version", NAMES)
def test_the_narrowest_group_decides(tmp_path: Path, version: str) -> None:
    names, root = NAMES[version]
    group(tmp_path / root / "outer", names, "1000", used=900, cached=0)
    group(tmp_path / root / "outer/inner", names, "800", used=100, cached=0)

    assert free_bytes(member(tmp_path, f"{version}/outer/inner"), tmp_path) == 100


def test_a_container_sees_its_limit_at_the_root(tmp_path: Path) -> None:
    group(tmp_path / "memory", FIRST, "1000", used=100, cached=0)

    left = free_bytes(member(tmp_path, "4:memory:/docker/of/the/host"), tmp_path)

    assert left == 900


def test_more_than_the_limit_in_use_leaves_nothing(tmp_path: Path) -> None:
    group(tmp_path / "service", SECOND, "1000", used=1200, cached=0)

    assert free_bytes(member(tmp_path, "0::/service"), tmp_path) == 0


def test_no_limit(tmp_path: Path) -> None:
    group(tmp_path / "service", SECOND, "max", used=1200, cached=0)

    assert free_bytes(member(tmp_path, "0::/service"), tmp_path) is None
    assert free_bytes(tmp_path / "not there", tmp_path) is None
    assert free_bytes(member(tmp_path), tmp_path) is None
