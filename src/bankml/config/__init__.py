"""Configuration: typed and frozen models, one loader, loud on typos."""

from __future__ import annotations

from bankml.config.loader import find_config, load_config, parse_config
from bankml.config.models import (
    AutoMLConfig,
    ComputeConfig,
    DatasetConfig,
    PipelineConfig,
    PublishConfig,
    WorkflowConfig,
    WorkspaceConfig,
)

__all__ = [
    "AutoMLConfig",
    "ComputeConfig",
    "DatasetConfig",
    "PipelineConfig",
    "PublishConfig",
    "WorkflowConfig",
    "WorkspaceConfig",
    "find_config",
    "load_config",
    "parse_config",
]
