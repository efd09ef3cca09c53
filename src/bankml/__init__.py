"""Run an AutoML training pipeline: on a laptop in seconds, on Azure ML by changing one word.

The public names are imported when they are first used, so that ``import bankml`` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bankml.config import (
        AutoMLConfig,
        ComputeConfig,
        DatasetConfig,
        PipelineConfig,
        PublishConfig,
        WorkflowConfig,
        WorkspaceConfig,
    )
    from bankml.datasets import Dataset
    from bankml.errors import (
        AuthenticationError,
        BankmlError,
        ComputeError,
        ComputeTimeoutError,
        ConfigError,
        DataError,
        DataWarning,
        DownloadError,
        MissingDependencyError,
        ModelError,
        ModelMismatchError,
        NotFoundError,
        PermissionDeniedError,
        PublishError,
        RunCanceledError,
        RunDataError,
        RunError,
        RunFailedError,
        RunNotFinishedError,
        ServiceError,
        ServiceUnavailableError,
        TriggerError,
        TriggerUncertainError,
        UnsupportedError,
        UntrustedModelError,
        WaitTimeoutError,
        WorkspaceCorruptError,
        WorkspaceError,
    )
    from bankml.evaluation import evaluate
    from bankml.leaderboard import Leaderboard
    from bankml.models import BestModel, load_model
    from bankml.publish import PublishedPipeline
    from bankml.rest import TriggeredRun, TriggerRequest, trigger
    from bankml.runs import Run, attach
    from bankml.status import RunStatus
    from bankml.workflow import Workflow

_MODULES = {
    "bankml.config": (
        "AutoMLConfig",
        "ComputeConfig",
        "DatasetConfig",
        "PipelineConfig",
        "PublishConfig",
        "WorkflowConfig",
        "WorkspaceConfig",
    ),
    "bankml.datasets": ("Dataset",),
    "bankml.errors": (
        "AuthenticationError",
        "BankmlError",
        "ComputeError",
        "ComputeTimeoutError",
        "ConfigError",
        "DataError",
        "DataWarning",
        "DownloadError",
        "MissingDependencyError",
        "ModelError",
        "ModelMismatchError",
        "NotFoundError",
        "PermissionDeniedError",
        "PublishError",
        "RunCanceledError",
        "RunDataError",
        "RunError",
        "RunFailedError",
        "RunNotFinishedError",
        "ServiceError",
        "ServiceUnavailableError",
        "TriggerError",
        "TriggerUncertainError",
        "UnsupportedError",
        "UntrustedModelError",
        "WaitTimeoutError",
        "WorkspaceCorruptError",
        "WorkspaceError",
    ),
    "bankml.evaluation": ("evaluate",),
    "bankml.leaderboard": ("Leaderboard",),
    "bankml.models": ("BestModel", "load_model"),
    "bankml.publish": ("PublishedPipeline",),
    "bankml.rest": ("TriggerRequest", "TriggeredRun", "trigger"),
    "bankml.runs": ("Run", "attach"),
    "bankml.status": ("RunStatus",),
    "bankml.workflow": ("Workflow",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AuthenticationError",
    "AutoMLConfig",
    "BankmlError",
    "BestModel",
    "ComputeConfig",
    "ComputeError",
    "ComputeTimeoutError",
    "ConfigError",
    "DataError",
    "DataWarning",
    "Dataset",
    "DatasetConfig",
    "DownloadError",
    "Leaderboard",
    "MissingDependencyError",
    "ModelError",
    "ModelMismatchError",
    "NotFoundError",
    "PermissionDeniedError",
    "PipelineConfig",
    "PublishConfig",
    "PublishError",
    "PublishedPipeline",
    "Run",
    "RunCanceledError",
    "RunDataError",
    "RunError",
    "RunFailedError",
    "RunNotFinishedError",
    "RunStatus",
    "ServiceError",
    "ServiceUnavailableError",
    "TriggerError",
    "TriggerRequest",
    "TriggerUncertainError",
    "TriggeredRun",
    "UnsupportedError",
    "UntrustedModelError",
    "WaitTimeoutError",
    "Workflow",
    "WorkflowConfig",
    "WorkspaceConfig",
    "WorkspaceCorruptError",
    "WorkspaceError",
    "attach",
    "evaluate",
    "load_model",
    "trigger",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'bankml' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])
