"""Compute targets: from the SDK's documents to ours and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bankml.config import ComputeConfig
from bankml.emulator.answers import timestamp
from bankml.emulator.service import LOCATION

if TYPE_CHECKING:
    from bankml.emulator.store import Document

KIND = "compute"
DEFAULT_IDLE_SECONDS = 1800


def compute_config(document: Document) -> ComputeConfig:
    """Return the settings of a compute target."""
    inner = document["properties"]["properties"]
    scale = inner["scaleSettings"]
    is_low = str(inner.get("vmPriority")).lower() == "lowpriority"
    return ComputeConfig(
        name=document["name"],
        vm_size=inner.get("vmSize") or "STANDARD_D2_V2",
        vm_priority="lowpriority" if is_low else "dedicated",
        min_nodes=scale["minNodeCount"],
        max_nodes=max(scale["maxNodeCount"], 1),
        idle_seconds_before_scaledown=_seconds(scale.get("nodeIdleTimeBeforeScaleDown")),
    )


def compute_document(resource_id: str, name: str, body: dict[str, Any]) -> Document:
    """Return the document of a compute target that is ready at once.

    Args:
        resource_id: Its resource id.
        name: Its name.
        body: What the SDK asked for.
    """
    properties = body["properties"]
    inner = properties.get("properties") or {}
    scale: dict[str, Any] = {
        "minNodeCount": 0,
        "maxNodeCount": 1,
        "nodeIdleTimeBeforeScaleDown": "PT1800S",
    }
    scale |= inner.get("scaleSettings") or {}
    nodes = max(scale["minNodeCount"], 1)
    return {
        "id": resource_id,
        "name": name,
        "location": body.get("location") or LOCATION,
        "tags": body.get("tags"),
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "properties": {
            "computeType": properties["computeType"],
            "computeLocation": body.get("location") or LOCATION,
            "description": properties.get("description"),
            "resourceId": None,
            "provisioningState": "Succeeded",
            "provisioningErrors": None,
            "isAttachedCompute": False,
            "createdOn": timestamp(),
            "modifiedOn": timestamp(),
            "properties": {"subnet": None, **inner, "scaleSettings": scale, **_nodes(nodes)},
        },
    }


def _nodes(count: int) -> dict[str, Any]:
    states = ("preparing", "running", "idle", "unusable", "leaving", "preempted")
    return {
        "allocationState": "Steady",
        "allocationStateTransitionTime": timestamp(),
        "currentNodeCount": count,
        "targetNodeCount": count,
        "errors": None,
        "nodeStateCounts": {f"{state}NodeCount": 0 for state in states} | {"idleNodeCount": count},
    }


def _seconds(duration: str | None) -> int:
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration or "")
    if found is None:
        return DEFAULT_IDLE_SECONDS
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
