"""Training that ends at once, so that a test of the backend does not wait for the engine."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from bankml.backends.base import ChildRecord, RunFailure, RunRecord
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.config import ComputeConfig, WorkflowConfig

MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
SCORES = {"LightGBM": 0.91, "LogisticRegression": 0.94, "RandomForest": 0.88}


@dataclass
class StandIn:
    """Ends each run in the state that a test has set."""

    status: RunStatus = RunStatus.FINISHED
    failure: RunFailure | None = None
    configs: list[WorkflowConfig] = field(default_factory=list)
    frames: list[pd.DataFrame] = field(default_factory=list)
    records: dict[str, RunRecord] = field(default_factory=dict)

    def __call__(self, workspace: Path) -> StandIn:
        """Stand for the class that the emulator would make."""
        del workspace
        return self

    def create_compute(self, config: ComputeConfig) -> None:
        del config

    def submit(self, config: WorkflowConfig, frame: pd.DataFrame) -> str:
        self.configs.append(config)
        self.frames.append(frame)
        run_id = f"step-{len(self.records)}"
        self.records[run_id] = RunRecord(
            id=run_id, ref=run_id, experiment=config.experiment_name, status=self.status,
            created=MOMENT, started=MOMENT, failure=self.failure,
            ended=MOMENT if self.status.is_terminal else None,
        )  # fmt: skip
        return run_id

    def run(self, run_id: str) -> RunRecord:
        return self.records[run_id]

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        return [
            ChildRecord(
                id=f"{run_id}_{number}", number=number, algorithm=algorithm,
                preprocessor="StandardScaler", status=RunStatus.FINISHED, score=score,
                metrics={"AUC_weighted": score}, started=MOMENT, ended=MOMENT,
            )
            for number, (algorithm, score) in enumerate(SCORES.items())
        ]  # fmt: skip

    def cancel(self, run_id: str) -> None:
        del run_id

    def log(self, run_id: str) -> str:
        return f"first line\nlast line of {run_id}\n"

    def metrics(self, run_id: str) -> bytes:
        found = {child.id: {"AUC_weighted": [child.score]} for child in self.children(run_id)}
        return json.dumps(found).encode()

    def model(self, run_id: str) -> bytes:
        del run_id
        model = make_pipeline(DummyClassifier()).fit([[0], [1]], ["no", "yes"])
        return pickle.dumps(model)
