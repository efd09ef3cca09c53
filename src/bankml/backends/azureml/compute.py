"""Compute clusters of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.problems import error_body
from bankml.backends.base import ComputeRecord
from bankml.errors import ComputeError

if TYPE_CHECKING:
    from bankml.backends.azureml.session import Session
    from bankml.config import ComputeConfig

STATES = {
    "Creating": "Creating",
    "Unknown": "Creating",
    "Updating": "Resizing",
    "Succeeded": "Succeeded",
    "Failed": "Failed",
    "Canceled": "Failed",
    "Deleting": "Deleting",
}
"""The service's provisioning states, in ours."""

READY = "Succeeded"
_RESERVED = ("amlcompute", "local", "containerinstance")


def get_compute(session: Session, name: str) -> ComputeRecord | None:
    """Return the compute target of this name, or None. One request."""
    target = find_target(session, name)
    if target is None:
        return None
    record = _record(target)
    if record.state == READY:
        session.targets[name] = target
    return record


def find_target(session: Session, name: str) -> Any | None:
    """Return the SDK's compute target of this name, or None. One request."""
    workspace = session.workspace()
    return session.call(f"look up compute {name!r}", lambda: _target(session, workspace, name))


def create_compute(session: Session, config: ComputeConfig) -> ComputeRecord:
    """Begin to create a cluster.

    Args:
        session: The workspace.
        config: Its name, size and number of nodes.

    Returns:
        The cluster, most likely still being created.

    Raises:
        ComputeError: The service refuses it, for example for want of quota.
    """
    if config.name in _RESERVED:
        raise ComputeError(
            f"{config.name!r} can't be the name of a compute target; choose another."
        )
    workspace, sdk = session.workspace(), session.sdk
    wanted = sdk.AmlCompute.provisioning_configuration(
        vm_size=config.vm_size,
        vm_priority=config.vm_priority,
        min_nodes=config.min_nodes,
        max_nodes=config.max_nodes,
        idle_seconds_before_scaledown=config.idle_seconds_before_scaledown,
    )
    # A PUT: asking twice for the same cluster makes one.
    target = session.call(
        f"create compute {config.name!r}",
        lambda: sdk.ComputeTarget.create(workspace, config.name, wanted),
    )
    return _record(target, created=True)


def _target(session: Session, workspace: Any, name: str) -> Any | None:
    sdk = session.sdk
    try:
        return sdk.ComputeTarget(workspace=workspace, name=name)
    except Exception as error:
        if "ComputeTargetNotFound" in str(getattr(error, "message", error)):
            return None
        raise


def _record(target: Any, *, created: bool = False) -> ComputeRecord:
    scale = getattr(target, "scale_settings", None)
    status = getattr(target, "status", None)
    minimum = getattr(scale, "minimum_node_count", None) or 0
    maximum = getattr(scale, "maximum_node_count", None) or max(minimum, 1)
    return ComputeRecord(
        name=str(target.name),
        state=STATES.get(str(target.provisioning_state).capitalize(), "Creating"),
        vm_size=str(getattr(target, "vm_size", None) or ""),
        min_nodes=int(minimum),
        max_nodes=int(maximum),
        current_nodes=getattr(status, "current_node_count", None),
        errors=_errors(target.provisioning_errors) + _errors(getattr(status, "errors", None)),
        created=created,
    )


def _errors(documents: Any) -> tuple[str, ...]:
    found = (error_body(document) for document in documents or ())
    return tuple(": ".join(part for part in pair if part) for pair in found if any(pair))
