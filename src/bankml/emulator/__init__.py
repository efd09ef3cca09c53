"""An emulator of the Azure ML v1 service on this machine, which trains with the local engine."""

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
