"""Options of a configuration that have no local meaning, or another one than on Azure ML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.automl.algorithms import ALGORITHMS
from bankml.cores import available_cores
from bankml.plan import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bankml.config import WorkflowConfig


def local_notices(config: WorkflowConfig) -> tuple[Notice, ...]:
    """Return the options that the local backend can't honour as they are.

    Args:
        config: The configuration.
    """
    return (*_compute(config), *_workspace(config), *_automl(config))


def unknown_algorithms(config: WorkflowConfig) -> tuple[str, ...]:
    """Return the allowed models that the local engine does not have."""
    known = ALGORITHMS.get(config.automl.task, ())
    return tuple(name for name in config.automl.allowed_models or () if name not in known)


def _compute(config: WorkflowConfig) -> Iterator[Notice]:
    compute = config.compute
    yield Notice(
        "compute.vm_size", f"{compute.vm_size} is recorded only: runs use this machine's processes"
    )
    if compute.vm_priority != "dedicated":
        yield Notice("compute.vm_priority", "recorded only: local processes are never evicted")
    if compute.min_nodes:
        yield Notice("compute.min_nodes", "recorded only: workers start with a run and end with it")
    if "idle_seconds_before_scaledown" in compute.model_fields_set:
        yield Notice(
            "compute.idle_seconds_before_scaledown",
            "recorded only: workers start with a run and end with it",
        )


def _workspace(config: WorkflowConfig) -> Iterator[Notice]:
    workspace = config.workspace
    for key in ("subscription_id", "resource_group", "workspace_name", "tenant_id"):
        if getattr(workspace, key) is not None:
            yield Notice(
                f"workspace.{key}", f"not used: the workspace is the folder {workspace.path}"
            )
    if workspace.auth != "auto":
        yield Notice("workspace.auth", "not used: a local workspace needs no sign-in")


def _automl(config: WorkflowConfig) -> Iterator[Notice]:
    automl = config.automl
    if automl.task == "forecasting":
        yield Notice(
            "automl.task", "forecasting needs the backend 'azureml'; a run is refused here"
        )
    if config.compute.parallel_backend is None:
        yield from _concurrency(config)
    unknown = unknown_algorithms(config) if automl.task in ALGORITHMS else ()
    if unknown:
        yield Notice("automl.allowed_models", f"the local engine lacks {', '.join(unknown)}")


def _concurrency(config: WorkflowConfig) -> Iterator[Notice]:
    wanted, cores = config.automl.max_concurrent_iterations, available_cores()
    workers = min(config.compute.max_nodes * wanted, cores)
    if wanted > workers:
        yield Notice(
            "automl.max_concurrent_iterations",
            f"{wanted} are wanted, {workers} run at a time: "
            f"this machine has {cores} core{'s' if cores > 1 else ''}",
        )
