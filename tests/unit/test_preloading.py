"""What a model needs is imported while one waits for it, and nothing breaks where it can't be."""

from __future__ import annotations

import gc
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.errors import WaitTimeoutError
from bankml.plan import Plan
from bankml.preloading import import_meanwhile
from bankml.runs import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

MODULE = "needed_by_a_model"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that nothing has imported."""
    (tmp_path / f"{MODULE}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield MODULE
    sys.modules.pop(MODULE, None)


@pytest.fixture
def run(small_frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that stays in the queue, and whose model needs that module."""
    monkeypatch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
    monkeypatch.setattr(LocalBackend, "model_modules", (MODULE,))
    backend, config = LocalBackend(tmp_path / "workspace"), WorkflowConfig()
    dataset = backend.register_dataset(config.dataset, small_frame)
    return Run(backend, backend.submit(Plan(config), dataset))


def end_of_preloading() -> None:
    for thread in threading.enumerate():
        if thread.name == "bankml-preloading":
            thread.join()


def test_a_module_is_imported_beside_the_caller(module: str) -> None:
    import_meanwhile((module,))

    end_of_preloading()
    assert module in sys.modules


def test_a_module_that_is_missing_is_left_to_whoever_needs_it(module: str) -> None:
    import_meanwhile(("no_such_module", module))

    end_of_preloading()
    assert module in sys.modules


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_looked_for_afterwards_as_it_was_before(module: str, collects: bool) -> None:
    if not collects:
        gc.disable()
    try:
        import_meanwhile((module,))
        end_of_preloading()

        assert gc.isenabled() is collects
    finally:
        gc.enable()


@pytest.mark.parametrize("preload", [True, False])
def test_a_wait_imports_what_the_model_needs_unless_told_not_to(
    run: Run, module: str, preload: bool
) -> None:
    with pytest.raises(WaitTimeoutError):
        run.wait(0, progress=False, preload=preload)

    end_of_preloading()
    assert (module in sys.modules) is preload
