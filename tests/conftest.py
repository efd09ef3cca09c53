"""Fixtures for every test: real data where it is there, small data where it is enough."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BANK_CSV = Path(__file__).parents[2] / "shared" / "data" / "bankmarketing_train.csv"


@pytest.fixture(autouse=True)
def away_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's files: its own home and its own current folder."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("BANKML_CACHE", str(home / "cache"))
    for name in [key for key in os.environ if key.startswith(("AZURE_", "AZUREML_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def bank_csv() -> Path:
    """The Bank Marketing data; see its README for the facts that tests rely on."""
    if not BANK_CSV.is_file():
        pytest.skip("the Bank Marketing data is not beside this checkout (shared/data)")
    return BANK_CSV


@pytest.fixture(scope="session")
def small_frame() -> pd.DataFrame:
    """Six hundred rows with a clear signal, of mixed types, with the label ``y``."""
    random = np.random.default_rng(7)
    count = 600
    age = random.integers(18, 90, count)
    job = random.choice(["clerk", "farmer", "teacher"], count)
    balance = np.round(random.normal(100.0, 50.0, count), 2)
    score = (age - 50) / 10 + (job == "farmer") + random.normal(0, 0.7, count)
    return pd.DataFrame(
        {"age": age, "job": job, "balance": balance, "y": np.where(score > 0.5, "yes", "no")}
    )


@pytest.fixture
def small_csv(small_frame: pd.DataFrame, tmp_path: Path) -> Path:
    """The small frame as a CSV file."""
    path = tmp_path / "small.csv"
    small_frame.to_csv(path, index=False)
    return path
