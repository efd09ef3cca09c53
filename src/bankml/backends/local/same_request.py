"""A key that has started a run stands for one request; with another one it is a mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bankml.backends.local.store import published, runs
from bankml.errors import TriggerError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from bankml.backends.local.triggers import Trigger


def check_same_request(connection: sqlite3.Connection, trigger: Trigger, run_id: str) -> None:
    """Refuse a trigger that asks for something else than the run that its key stands for.

    Tags are not compared: a caller may count its tries in them.

    Args:
        connection: The workspace's database.
        trigger: What is asked for.
        run_id: The run that a trigger with its key or tag has started.

    Raises:
        TriggerError: The run is one of another request.
    """
    differences = list(_differences(connection, trigger, run_id))
    if differences:
        raise TriggerError(
            f"This idempotency key or trigger_id has started the run {run_id} with another "
            f"{' and another '.join(differences)}. Another request needs another id; no run was "
            "started now."
        )


def _differences(connection: sqlite3.Connection, trigger: Trigger, run_id: str) -> Iterator[str]:
    run = runs.select_run(connection, run_id)
    pipeline = published.select_published(connection, trigger.published_id)
    if run is None or pipeline is None:
        return
    if run["experiment"] != trigger.experiment_name:
        yield f"experiment ({run['experiment']!r})"
    if json.loads(run["parameters"]) != dict(trigger.parameters):
        yield "set of parameters"
    if run["dataset_id"] != (trigger.dataset_id or pipeline.dataset_id):
        yield f"dataset ({run['dataset']!r} version {run['dataset_version']})"
