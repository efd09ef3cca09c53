"""Files are whole or not there, and the file system's errors are ours."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.local.files import replacing, tail, write_json
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_appears_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"

    write_json(path, {"a": 1})

    assert path.read_text() == '{\n "a": 1\n}'
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, "old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()

    assert path.read_text() == '"old"'
    assert list(tmp_path.glob(".tmp-*")) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("one", "two"):
        with replacing(path) as temporary:
            temporary.mkdir()
            (temporary / name).write_text(name)

    assert [member.name for member in path.iterdir()] == ["two"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full; free some space"),
        (errno.EROFS, "read-only; set workspace.path"),
        (errno.EACCES, "Permission is denied; set workspace.path"),
        (errno.EIO, "can't be written. Input/output error"),
    ],
)
def test_errors_say_what_to_do(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(WorkspaceError, match=words), replacing(tmp_path / "file"):
        raise OSError(number, os.strerror(number))


def test_a_file_in_place_of_the_workspace_is_named(tmp_path: Path) -> None:
    (tmp_path / "workspace").write_text("mine")

    with pytest.raises(WorkspaceError, match=r"set workspace\.path to a folder"):
        LocalBackend(tmp_path / "workspace").workspace()

    assert (tmp_path / "workspace").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(WorkspaceError, match="Permission is denied"):
        LocalBackend(tmp_path / "workspace").workspace()


def test_a_new_workspace_is_private_and_kept_out_of_git(backend: LocalBackend) -> None:
    root = backend.layout.root

    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / ".gitignore").read_text() == "*\n"
    assert backend.integrity_check() == []


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"\xff\xfe broken\n" + b"\n".join(b"%d" % number for number in range(100)))

    assert tail(path, lines=3) == "97\n98\n99"
    assert tail(tmp_path / "none") == ""
