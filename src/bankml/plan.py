"""The plan: everything that will happen, before anything does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bankml.config import WorkflowConfig

DATASET_PARAMETER = "training_data"
"""Name of the pipeline parameter that binds a dataset at trigger time."""


@dataclass(frozen=True)
class Notice:
    """An option that the chosen backend honours differently or not at all.

    Attributes:
        path: The option's path in the configuration.
        message: What happens instead.
    """

    path: str
    message: str

    def __str__(self) -> str:
        """Return the notice as one line."""
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class Plan:
    """What ``train()`` will do, decided without a network and without creating anything.

    Attributes:
        config: The whole configuration.
        notices: Options that the backend honours differently or not at all.
        data_source: Where the rows come from, in words.
        workspace: Where the workspace is, in words.
    """

    config: WorkflowConfig
    notices: tuple[Notice, ...] = ()
    data_source: str = ""
    workspace: str = ""

    def settings_fingerprint(self) -> str:
        """Return the SHA-256 of every setting that changes what is trained.

        Two runs with the same fingerprint on the same dataset version may share their outputs.
        """
        settings = {
            "automl": self.config.automl.model_dump(mode="json", exclude={"debug_log"}),
            "outputs": [self.config.pipeline.metrics_output, self.config.pipeline.model_output],
            "step": self.config.pipeline.step_name,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

    def actions(self) -> Sequence[tuple[str, str]]:
        """Return what will happen, as pairs of stage and description, in order."""
        config, automl = self.config, self.config.automl
        return (
            ("workspace", self.workspace),
            ("experiment", f"get or create {config.experiment_name!r}"),
            ("compute", _compute(config)),
            ("dataset", f"get or register {config.dataset.name!r} from {self.data_source}"),
            ("AutoML", _automl(config)),
            ("validation", _validation(config)),
            ("step", f"{config.pipeline.step_name!r}, {_reuse(config)}"),
            ("outputs", f"{config.pipeline.metrics_output!r}, {config.pipeline.model_output!r}"),
            ("seed", str(automl.random_state)),
        )

    def __str__(self) -> str:
        """Return the plan as aligned lines, the notices last."""
        lines = [f"Plan for backend {self.config.backend!r}"]
        lines += [f"  {stage:<11} {action}" for stage, action in self.actions()]
        lines += [f"  note        {notice}" for notice in self.notices]
        return "\n".join(lines)


def _compute(config: WorkflowConfig) -> str:
    compute = config.compute
    return (
        f"get or create {compute.name!r}: {compute.vm_size}, {compute.min_nodes} to "
        f"{compute.max_nodes} nodes, wait at most {compute.wait_minutes:g} min"
    )


def _automl(config: WorkflowConfig) -> str:
    automl = config.automl
    candidates = "1 candidate" if automl.iterations == 1 else f"{automl.iterations} candidates"
    limit = f", at most {candidates}" if automl.iterations else ""
    return (
        f"{automl.task} of {automl.label_column_name!r} by {automl.primary_metric}, "
        f"{automl.experiment_timeout_minutes:g} min, {automl.max_concurrent_iterations} at a time"
        f"{limit}"
    )


def _validation(config: WorkflowConfig) -> str:
    automl = config.automl
    if automl.n_cross_validations:
        return f"{automl.n_cross_validations}-fold cross-validation"
    if automl.validation_size:
        return f"{automl.validation_size:.0%} of the rows held out"
    return "one part held out where the rows are many, else cross-validation"


def _reuse(config: WorkflowConfig) -> str:
    if config.pipeline.allow_reuse:
        return "earlier outputs reused if data and settings are the same"
    return "always trained anew"
