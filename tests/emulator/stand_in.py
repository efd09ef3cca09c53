"""Training that ends when a test says so; it keeps the rows and settings it was given."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from bankml.backends.base import ChildRecord, RunFailure, RunRecord
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from bankml.config import ComputeConfig, WorkflowConfig

MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
SCORES = {"LightGBM": 0.91, "LogisticRegression": 0.88}


class StandInTraining:
    """Finishes each run at once, unless `status` is set to another state first.

    `meanwhile` is called while a run is being started.
    """

    def __init__(self) -> None:
        self.status = RunStatus.FINISHED
        self.meanwhile: Callable[[], None] | None = None
        self.computes: list[ComputeConfig] = []
        self.configs: list[WorkflowConfig] = []
        self.frames: list[pd.DataFrame] = []
        self.records: dict[str, RunRecord] = {}

    def create_compute(self, config: ComputeConfig) -> None:
        self.computes.append(config)

    def submit(self, config: WorkflowConfig, frame: pd.DataFrame) -> str:
        if self.meanwhile is not None:
            self.meanwhile()
        self.configs.append(config)
        self.frames.append(frame)
        run_id = f"step-{len(self.records)}"
        self.records[run_id] = RunRecord(
            id=run_id,
            ref=run_id,
            experiment=config.experiment_name,
            status=self.status,
            created=MOMENT,
            started=MOMENT,
            ended=MOMENT if self.status.is_terminal else None,
        )
        return run_id

    def end(self, status: RunStatus, failure: RunFailure | None = None) -> None:
        """Let every run that has not ended end in this state."""
        for run_id, record in self.records.items():
            if not record.status.is_terminal:
                self.records[run_id] = replace(record, status=status, failure=failure, ended=MOMENT)

    def run(self, run_id: str) -> RunRecord:
        return self.records[run_id]

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        return [
            ChildRecord(
                id=f"{run_id}_{number}",
                number=number,
                algorithm=algorithm,
                preprocessor="StandardScaler",
                status=RunStatus.FINISHED,
                score=score,
                metrics={"AUC_weighted": score, "accuracy": score - 0.05},
                started=MOMENT,
                ended=MOMENT,
            )
            for number, (algorithm, score) in enumerate(SCORES.items())
        ]

    def cancel(self, run_id: str) -> None:
        if not self.records[run_id].status.is_terminal:
            self.records[run_id] = replace(self.records[run_id], status=RunStatus.CANCELED)

    def log(self, run_id: str) -> str:
        return f"log of {run_id}\n"

    def metrics(self, run_id: str) -> bytes:
        children = self.children(run_id)
        document = {
            child.id: {name: [value] for name, value in child.metrics.items()} for child in children
        }
        return json.dumps(document).encode()

    def model(self, run_id: str) -> bytes:
        return pickle.dumps({"model of": run_id})
