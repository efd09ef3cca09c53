"""An emulator of the Azure ML v1 service on this machine, which trains with the local engine.

It answers what the unmodified SDK v1 asks for: sign-in, workspace, experiments, compute targets,
the default datastore (upload, download), tabular datasets with versions, tags and transformations,
pipelines of ``AutoMLStep``, their runs, steps, candidates, metrics, logs and outputs, reuse,
cancel, published pipelines, parameters, triggers over REST, and versioned endpoints.

It does not have schedules, pipeline drafts, registered models, environments, other datastores, file
datasets as training data, or steps that run a script. A request for these is answered by 501.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bankml.emulator.emulator import Emulator
    from bankml.emulator.faults import Fault, FaultKind

__all__ = ["Emulator", "Fault", "FaultKind"]

_MODULES = {
    "Emulator": "bankml.emulator.emulator",
    "Fault": "bankml.emulator.faults",
    "FaultKind": "bankml.emulator.faults",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is asked for."""
    import importlib

    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
