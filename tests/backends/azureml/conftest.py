"""The real SDK over an emulator, with training that ends at once, and a clock that is not slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bankml import DatasetConfig, WorkflowConfig
from bankml.config import WorkspaceConfig
from tests import azure_sdk

from .stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bankml.backends.azureml import AzureMLBackend
    from bankml.emulator import Emulator

VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HBI_WORKSPACE_JOB", "HOME")


@dataclass
class FakeClock:
    """Time that passes when somebody sleeps."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> FakeClock:
    """A clock that does not wait."""
    return FakeClock()


@pytest.fixture(scope="package")
def stand_in() -> StandIn:
    """What trains behind the emulator."""
    return StandIn()


@pytest.fixture(scope="package")
def session_emulator(
    tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn
) -> Iterator[Emulator]:
    """The emulator of this folder's tests."""
    azure_sdk.skip_without("azureml.pipeline")
    from bankml.emulator import Emulator

    folder = tmp_path_factory.mktemp("azureml")
    with (
        pytest.MonkeyPatch.context() as environ,
        Emulator(folder / "workspace", training=stand_in) as emulator,
    ):
        for key in VARIABLES:
            environ.setenv(key, emulator.environ[key])
        azure_sdk.keep_discovery_in(emulator.environ["HOME"], environ)
        yield emulator


@pytest.fixture
def emulator(
    session_emulator: Emulator, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    """The emulator without faults; its variables are set for the test."""
    for key in VARIABLES:
        monkeypatch.setenv(key, session_emulator.environ[key])
    stand_in.status, stand_in.failure = StandIn.status, None
    yield session_emulator
    session_emulator.heal()


@pytest.fixture
def new_config(emulator: Emulator) -> Callable[..., WorkflowConfig]:
    """Make a configuration for the emulator's workspace; the options change sections."""

    def make(**sections: Any) -> WorkflowConfig:
        base = WorkflowConfig(
            backend="azureml",
            workspace=WorkspaceConfig.model_validate(emulator.config_dict),
            dataset=DatasetConfig(name="small", source=None),
        )
        return base.replace(**sections)

    return make


@pytest.fixture
def new_backend(
    emulator: Emulator, clock: FakeClock, new_config: Callable[..., WorkflowConfig]
) -> Callable[..., AzureMLBackend]:
    """Open the emulator's workspace; the options change sections of the configuration."""
    from bankml.backends.azureml import AzureMLBackend

    def make(**sections: Any) -> AzureMLBackend:
        return AzureMLBackend.open(new_config(**sections), emulator.auth, clock)

    return make


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """A CSV file of ten rows."""
    path = tmp_path / "ten.csv"
    rows = [f"{number},{number % 3}.5,{'yes' if number % 2 else 'no'}" for number in range(10)]
    path.write_text("\n".join(["age,balance,y", *rows]) + "\n", "utf-8")
    return path
