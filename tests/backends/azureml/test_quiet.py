"""What the SDK says goes to the log, and other threads find everything as it was."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bankml.backends.azureml.quiet import printed_to_log
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from bankml import WorkflowConfig
    from bankml.backends.azureml import AzureMLBackend

SECONDS = 10.0


@contextmanager
def another_thread_uses_the_sdk() -> Iterator[Callable[[], None]]:
    """Another thread, in a use of the SDK from here until the function is called or at the end."""
    begun, over = threading.Event(), threading.Event()

    def use() -> None:
        with printed_to_log():
            begun.set()
            over.wait(SECONDS)

    thread = threading.Thread(target=use)
    thread.start()

    def end() -> None:
        over.set()
        thread.join(SECONDS)

    assert begun.wait(SECONDS)
    try:
        yield end
    finally:
        end()


@contextmanager
def no_logging_set_up() -> Iterator[logging.Logger]:
    """The root logger as it is in a program that has not set up logging; pytest has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.root, "handlers", [])
        yield logging.root


def test_what_the_sdk_prints_goes_to_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "bankml.azureml.sdk"), printed_to_log():
        print("Created step automl_module")
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    assert capsys.readouterr().out == ""
    assert [record.getMessage() for record in caplog.records] == [
        "Created step automl_module",
        "DeprecationWarning: old",
    ]


def test_uses_that_overlap_leave_everything_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = (sys.stdout, warnings.showwarning, logging.basicConfig, list(warnings.filters))

    with another_thread_uses_the_sdk() as end_the_first, printed_to_log():
        end_the_first()

    assert (sys.stdout, warnings.showwarning, logging.basicConfig, warnings.filters) == before
    print("still here")
    assert capsys.readouterr().out == "still here\n"


def test_another_thread_prints_warns_and_sets_up_logging_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with no_logging_set_up() as root_logger, another_thread_uses_the_sdk():
        print("hello")
        with pytest.warns(UserWarning, match="look out"):
            warnings.warn("look out", UserWarning, stacklevel=1)
        logging.basicConfig()
        assert len(root_logger.handlers) == 1

    assert capsys.readouterr().out == "hello\n"


def test_what_another_thread_has_made_an_error_stays_one() -> None:
    with another_thread_uses_the_sdk(), pytest.raises(DeprecationWarning):
        warnings.warn("an error in these tests", DeprecationWarning, stacklevel=1)


def test_a_run_leaves_the_root_logger_alone_and_prints_nothing(
    new_backend: Callable[..., AzureMLBackend],
    new_config: Callable[..., WorkflowConfig],
    small_frame: pd.DataFrame,
    capsys: pytest.CaptureFixture[str],
) -> None:
    backend, config = new_backend(), new_config(pipeline={"allow_reuse": False})
    backend.create_compute(config.compute)
    dataset = backend.register_dataset(config.dataset, small_frame)

    with no_logging_set_up() as root_logger:
        backend.submit(Plan(config), dataset)
        assert root_logger.handlers == []

    assert capsys.readouterr().out == ""
