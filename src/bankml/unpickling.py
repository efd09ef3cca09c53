"""Loading a pickle that the caller trusts: first in a process of its own, then here.

A pickle from other versions of its packages fails in any way: it raises, it kills the process in
native code, it hangs. The process that tries it first takes that on itself. It has none of the
caller's variables, so no credentials, and a folder of its own; it is no sandbox, for it runs as the
same user.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankml.errors import ModelError, ModelMismatchError
from bankml.manifest import Manifest, check_packages

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIAL_SECONDS = 300.0
KEPT_VARIABLES = (
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "OMP_NUM_THREADS",
    "PATH",
    "SYSTEMROOT",
)
_RESULT = "result.json"
_PROGRAM = (
    "import json, sys; task = json.load(sys.stdin); sys.path[:] = task['path'];"
    "from bankml.unpickling import attempt; attempt(task)"
)


def unpickle(file: Path, manifest: Manifest, *, check_versions: bool = True) -> Any:
    """Unpickle a file whose hash has been checked and whose code the caller trusts.

    Args:
        file: The file.
        manifest: Says which packages it was trained with.
        check_versions: Whether differing package versions are an error.

    Returns:
        The object.

    Raises:
        ModelMismatchError: Packages differ from those it was trained with, or are not recorded.
        ModelError: It can't be unpickled here.
    """
    if check_versions and not manifest.packages:
        raise ModelMismatchError(
            f"It is not recorded which packages {file.name} was trained with, so they can't be "
            "compared with those installed. Pass check_versions=False to try it all the same."
        )
    _try_elsewhere(file, manifest, check_versions)
    try:
        return _load(file)
    except Exception as error:  # a pickle can raise anything
        raise _failure(file, f"{type(error).__name__}: {error}") from error


def attempt(task: Mapping[str, Any]) -> None:
    """Check the versions and unpickle, in the process that is there for nothing else.

    Args:
        task: What :func:`unpickle` wrote on standard input.
    """
    try:
        if task["check_versions"]:
            check_packages(Manifest.model_validate(task["manifest"]))
        _load(Path(task["file"]))
        result = {}
    except ModelMismatchError as error:
        result = {"mismatch": str(error)}
    except Exception as error:  # noqa: BLE001 - a pickle can raise anything
        result = {"failure": f"{type(error).__name__}: {error}"}
    Path(_RESULT).write_text(json.dumps(result), "utf-8")


def _try_elsewhere(file: Path, manifest: Manifest, check_versions: bool) -> None:
    task = {
        "path": [str(Path(entry).absolute()) for entry in sys.path],
        "file": str(file.absolute()),
        "manifest": manifest.model_dump(mode="json"),
        "check_versions": check_versions,
    }
    with tempfile.TemporaryDirectory(prefix="bankml-") as folder:
        result = _run(file, json.dumps(task), folder)
    if "mismatch" in result:
        raise ModelMismatchError(result["mismatch"])
    if "failure" in result:
        raise _failure(file, result["failure"])


def _run(file: Path, task: str, folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - this Python, a fixed program
            [sys.executable, "-I", "-c", _PROGRAM],
            input=task,
            cwd=folder,
            env={**kept, "HOME": folder},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(file, f"it was not loaded within {TRIAL_SECONDS:g} s") from error
    except OSError as error:
        raise ModelError(f"No process could be started to try {file.name}: {error}.") from error
    try:
        result: dict[str, str] = json.loads(Path(folder, _RESULT).read_text("utf-8"))
    except (OSError, ValueError) as error:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise _failure(file, f"its process ended with {done.returncode}: {last}") from error
    return result


def _load(file: Path) -> Any:
    with file.open("rb") as stream:
        return pickle.load(stream)  # noqa: S301 - the caller said trust=True


def _failure(file: Path, why: str) -> ModelError:
    return ModelError(
        f"{file.name} can't be unpickled here ({why[:500]}). Install the packages of its training "
        "environment; its manifest lists them."
    )
