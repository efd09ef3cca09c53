"""Small data and a short way to run the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psutil
import pytest

from bankml.backends.local.automl import AutoMLResult, AutoMLSettings, Event, train

if TYPE_CHECKING:
    from pathlib import Path

Train = Callable[..., AutoMLResult]


@pytest.fixture(scope="session")
def mixed_frame() -> pd.DataFrame:
    """Four hundred rows with every kind of column, a signal, missing values, and ``label``."""
    random = np.random.default_rng(11)
    rows = 400
    number = random.normal(size=rows)
    colour = random.choice(["red", "green", "blue"], rows)
    day = random.integers(0, 700, rows)
    words = np.array(
        ["late parcel box street", "wrong invoice card bank", "lost password code mail"]
    )
    topic = random.integers(0, 3, rows)
    signal = number + 2.0 * (colour == "red") + 1.5 * (topic == 1) + random.normal(0, 0.3, rows)
    frame = pd.DataFrame(
        {
            "number": np.where(random.random(rows) < 0.1, np.nan, number),
            "colour": pd.Series(colour).mask(random.random(rows) < 0.05),
            "shop": [f"shop {code}" for code in random.integers(0, 80, rows)],
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
            "written": (pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D")).strftime(
                "%Y-%m-%d"
            ),
            "text": [f"{text} number {code}" for text, code in zip(words[topic], day, strict=True)],
            "flag": random.random(rows) < 0.5,
            "same": 1,
        }
    )
    return frame.assign(label=np.where(signal > 1.0, "yes", "no"), amount=signal)


@pytest.fixture
def run_engine(tmp_path: Path) -> Train:
    """Return a function that trains with few candidates and returns the result."""

    def run(frame: pd.DataFrame, **settings: Any) -> AutoMLResult:
        call = {
            name: settings.pop(name)
            for name in ("on_event", "should_stop", "finished", "scratch", "workers")
            if name in settings
        }
        chosen: dict[str, Any] = {
            "task": "classification",
            "label_column_name": "label",
            "iterations": 2,
            "n_cross_validations": 2,
            **settings,
        }
        return train(
            frame,
            AutoMLSettings(**chosen),
            **{
                "workers": 2,
                "on_event": _ignore,
                "should_stop": lambda: False,
                "scratch": tmp_path / "scratch",
                **call,
            },
        )

    return run


def worker_processes() -> list[psutil.Process]:
    """Return the engine's processes that were started from here and live."""
    return [p for p in psutil.Process().children(recursive=True) if is_worker(p)]


def is_worker(process: psutil.Process) -> bool:
    """Tell whether a process is one of the engine's."""
    try:
        return "import serve" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _ignore(_event: Event) -> None:
    """Do nothing with an event."""
