"""What the process that tries a pickle first writes down for the one that asked it to."""

from __future__ import annotations

import json
import pickle
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from bankml.errors import ModelError
from bankml.manifest import Manifest
from bankml.unpickling import attempt, unpickle


class Divides:
    """Its pickle fails when it is loaded."""

    def __reduce__(self) -> tuple[Any, tuple[int, int]]:
        return (divmod, (1, 0))


def attempted(content: object, *, check_versions: bool = True, **packages: str) -> Any:
    """Try a pickle in this process, whose current folder is the test's own; return the result."""
    Path("model.pkl").write_bytes(pickle.dumps(content))
    manifest = Manifest(format="pickle", file="model.pkl", sha256="0" * 64, packages=packages)
    task = {
        "file": "model.pkl",
        "manifest": manifest.model_dump(mode="json"),
        "check_versions": check_versions,
    }
    attempt(task)
    return json.loads(Path("result.json").read_text("utf-8"))


def test_a_pickle_that_can_be_loaded_leaves_nothing_to_say() -> None:
    assert attempted([1], pandas=metadata.version("pandas")) == {}


def test_a_pickle_that_fails_leaves_its_error() -> None:
    (failure,) = attempted(Divides(), pandas=metadata.version("pandas")).items()

    assert failure[0] == "failure"
    assert failure[1].startswith("ZeroDivisionError: ")


def test_other_packages_are_said_before_anything_is_loaded() -> None:
    result = attempted(Divides(), pandas="0.1")

    assert list(result) == ["mismatch"]
    assert "pip install 'pandas==0.1'" in result["mismatch"]


def test_packages_are_not_compared_when_that_is_not_wanted() -> None:
    assert attempted([1], check_versions=False, pandas="0.1") == {}


def test_a_process_that_can_not_be_started_is_our_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps([1]))
    manifest = Manifest(format="pickle", file=file.name, sha256="0" * 64)

    with pytest.raises(ModelError, match=r"No process could be started to try model\.pkl"):
        unpickle(file, manifest, check_versions=False)
