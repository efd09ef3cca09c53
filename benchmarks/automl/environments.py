"""The environments of the tools: one for each requirements file, made when first asked for."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]


def python_of(name: str, cache: Path) -> Path:
    """Return the interpreter of an environment.

    Args:
        name: The requirements file's name, without its ending.
        cache: Where environments are kept.

    Returns:
        Its ``python``; the environment is made anew where the requirements have changed.
    """
    requirements = HERE / "requirements" / f"{name}.txt"
    mark = hashlib.sha256(requirements.read_bytes()).hexdigest()[:8]
    folder = cache / f"{name}-{mark}"
    python = folder / "bin" / "python"
    done = folder / "complete"
    if not done.exists():
        print(f"Making the environment {folder} ...", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-qq", "-r", str(requirements)],
            check=True, cwd=PROJECT,
        )  # fmt: skip
        done.touch()
    # pip does so with the peers' files, but not with a project that is installed where it is.
    subprocess.run([str(python), "-m", "compileall", "-q", str(PROJECT / "src")], check=True)
    return python
