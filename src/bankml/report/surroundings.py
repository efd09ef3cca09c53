"""What a run ran in, and how to run it again."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING

import bankml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.base import RunRecord
    from bankml.manifest import Manifest


def environment(manifest: Manifest | None) -> Mapping[str, str]:
    """Return versions: those the model was trained with, and of what wrote the report.

    Args:
        manifest: The model's manifest, or None where there is no model.
    """
    found = {}
    if manifest is not None:
        found["Trained with Python"] = manifest.python or "unknown"
        found |= {f"Trained with {name}": version for name, version in manifest.packages.items()}
        found["Model file's SHA-256"] = manifest.sha256
    found["Report written by"] = (
        f"bankml {bankml.__version__} on Python {platform.python_version()}"
    )
    found["System"] = f"{platform.system()} {platform.machine()}"
    return found


def configuration(record: RunRecord) -> str | None:
    """Return the run's ``config.json``, or None where the backend can't tell it.

    The workspace is left out: it belongs to the machine, not to the result.

    Args:
        record: The run.
    """
    if not record.config:
        return None
    sections = {name: keys for name, keys in record.config.items() if name != "workspace"}
    return json.dumps(sections, indent=2, ensure_ascii=False)


def reproduction(record: RunRecord) -> str:
    """Return the Python code that gets the run again, its model, and a second run like it.

    Args:
        record: The run.
    """
    return "\n".join(
        (
            "from bankml import Workflow",
            "",
            'workflow = Workflow.from_config("config.json")',
            f"run = workflow.attach({record.ref!r})",
            "model = run.best_model()",
            "again = workflow.train()  # same data, settings and seed: the same result",
        )
    )
