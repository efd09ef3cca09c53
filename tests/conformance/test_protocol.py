"""Every backend has every method of the protocol, with the same parameters."""

from __future__ import annotations

import inspect

import pytest

from bankml.backends.base import Backend
from bankml.backends.registry import BACKENDS, backend_class

METHODS = [name for name, _ in inspect.getmembers(Backend, inspect.isfunction) if name[0] != "_"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("method", METHODS)
def test_signatures_are_those_of_the_protocol(backend: str, method: str) -> None:
    expected = inspect.signature(getattr(Backend, method)).parameters
    actual = inspect.signature(getattr(backend_class(backend), method)).parameters  # type: ignore[arg-type] # keys are names

    shared = [name for name in actual if name in expected]
    extra = [actual[name] for name in actual if name not in expected]
    assert shared == list(expected)
    assert [actual[name].default for name in shared] == [p.default for p in expected.values()]
    assert all(parameter.default is not inspect.Parameter.empty for parameter in extra)


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_have_the_protocols_constants(backend: str) -> None:
    found = backend_class(backend)  # type: ignore[arg-type] # keys are names

    assert found.name == backend
    assert 0 < found.poll_seconds <= 30
