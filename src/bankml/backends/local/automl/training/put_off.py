"""Packages that others load for a few of their functions, loaded once one of those is used."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class PutOff(MetaPathFinder):
    """Has packages loaded when something in them is used, not when it is imported by its name.

    `importlib.util.LazyLoader` puts off ``import package`` only, and not ``from package import
    name``, which is what scikit-learn has. Until it is used such a name stands for a function, so
    that no one can derive a class from it.

    Args:
        packages: Their names.
    """

    def __init__(self, *packages: str) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a package that is put off; load it before any of its own modules is."""
        package = next((each for each in self._packages if fullname.startswith(f"{each}.")), None)
        if package is not None:
            _load(sys.modules[package])
        if fullname not in self._packages:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _LaterLoader(spec.loader)
        return spec


class _LaterLoader(Loader):
    """Leaves a module empty until something in it is used.

    Args:
        loader: What loads it then.
    """

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        def stand_in(name: str) -> _StandIn:
            if name.startswith("__"):
                raise AttributeError(name)
            return _StandIn(module, name)

        vars(module)["__getattr__"] = stand_in


class _StandIn:
    """Stands for something in a module that is not loaded yet, and passes all uses on to it."""

    def __init__(self, module: ModuleType, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._itself()(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._itself(), name)

    def _itself(self) -> Any:
        _load(self._module)
        return getattr(self._module, self._name)


def _load(module: ModuleType) -> None:
    """Load a module that was put off, in its place, so that whoever has it has all of it."""
    spec = module.__spec__
    if spec is not None and isinstance(spec.loader, _LaterLoader):
        module.__loader__ = spec.loader = spec.loader.loader
        del vars(module)["__getattr__"]
        spec.loader.exec_module(module)
