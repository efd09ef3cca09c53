"""What a run does: read the rows, search, write the outputs."""

from __future__ import annotations

import json
import logging
import shutil
from typing import TYPE_CHECKING

from bankml.backends.local.automl.events import FINISHED, ChildResult
from bankml.backends.local.automl.settings import AutoMLSettings
from bankml.backends.local.datasets import DatasetShelf
from bankml.backends.local.files import replacing, write_json
from bankml.backends.local.manifests import make_manifest
from bankml.backends.local.recorder import Recorder
from bankml.backends.local.store import states
from bankml.backends.local.store.children import list_children
from bankml.config import AutoMLConfig
from bankml.manifest import sha256_of, write_manifest
from bankml.model_folder import MODEL_NAME, VALIDATION_NAME

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from bankml.backends.base import ChildRecord, DatasetRecord
    from bankml.backends.local.automl import AutoMLResult
    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database

_logger = logging.getLogger(__name__)


class Training:
    """The training of one claimed run."""

    def __init__(self, database: Database, layout: Layout, row: sqlite3.Row, claim: str) -> None:
        """Read from the run's row what is to be done.

        Args:
            database: The workspace's database.
            layout: The workspace's files.
            row: The run's row.
            claim: The runner's token.
        """
        self._database = database
        self._layout = layout
        self._run_id: str = row["id"]
        self._claim = claim
        self._workers: int = row["slots"]
        self._warnings: list[str] = json.loads(row["warnings"])
        config = json.loads(row["config"])
        self._automl = AutoMLConfig.model_validate_json(json.dumps(config["automl"]))
        self._parallel_backend = config["compute"].get("parallel_backend")
        self._shelf = DatasetShelf(database, layout)
        self._dataset = self._shelf.by_id(row["dataset_id"])

    def train(self, should_stop: Callable[[], bool]) -> tuple[str, list[str]]:
        """Search, and write the outputs.

        Args:
            should_stop: Whether a cancel was asked for.

        Returns:
            How it ended in a line, and what the user should know.

        Raises:
            RunCanceledError: A cancel was asked for.
            DataError: The rows can't be used for training.
        """
        from bankml.backends.local.automl import train

        settings = engine_settings(self._automl, self._parallel_backend)
        finished = self._finished_before()
        recorder = Recorder(self._database, self._run_id, self._claim, self._automl.primary_metric)
        recorder.begin(finished)
        with self._database.write() as connection:
            states.set_running(connection, self._run_id, self._claim)
        result = train(
            self._shelf.path(self._dataset),
            settings,
            workers=self._workers,
            on_event=recorder,
            should_stop=should_stop,
            finished=finished,
            scratch=self._layout.scratch(self._run_id),
        )
        self._write_outputs(settings, result)
        self._warnings += [note for note in result.notes if note not in self._warnings]
        return f"{recorder.summary()}; {result.stopped_because}", self._warnings

    def _finished_before(self) -> tuple[ChildResult, ...]:
        with self._database.read() as connection:
            children = list_children(connection, self._run_id)
        return tuple(_as_result(child) for child in children if str(child.status) == FINISHED)

    def _write_outputs(self, settings: AutoMLSettings, result: AutoMLResult) -> None:
        _write_model(self._layout, self._run_id, settings, result, self._dataset)
        children = {
            f"{self._run_id}_{child.number}": {
                name: [value] for name, value in child.metrics.items()
            }
            for child in result.children
            if child.status == FINISHED
        }
        write_json(self._layout.metrics(self._run_id), children)


def engine_settings(
    automl: AutoMLConfig, parallel_backend: Mapping[str, object] | None = None
) -> AutoMLSettings:
    """Return the configuration's AutoML section as the engine's settings."""
    minutes = automl.iteration_timeout_minutes
    return AutoMLSettings(
        task=automl.task,
        label_column_name=automl.label_column_name,
        primary_metric=automl.primary_metric,
        experiment_timeout_seconds=automl.experiment_timeout_minutes * 60,
        iteration_timeout_seconds=None if minutes is None else minutes * 60,
        iterations=automl.iterations,
        max_concurrent_iterations=automl.max_concurrent_iterations,
        enable_early_stopping=automl.enable_early_stopping,
        featurization=automl.featurization,
        allowed_models=automl.allowed_models,
        blocked_models=automl.blocked_models,
        enable_voting_ensemble=automl.enable_voting_ensemble,
        n_cross_validations=automl.n_cross_validations,
        validation_size=automl.validation_size,
        random_state=automl.random_state,
        exclude_columns=automl.exclude_columns,
        missing_label=automl.missing_label,
        parallel_backend=parallel_backend,
    )


def _write_model(
    layout: Layout,
    run_id: str,
    settings: AutoMLSettings,
    result: AutoMLResult,
    dataset: DatasetRecord,
) -> None:
    with replacing(layout.model(run_id)) as folder:
        folder.mkdir(mode=0o700)
        file = folder / MODEL_NAME
        shutil.move(result.model_file, file)
        shutil.move(result.predictions_file, folder / VALIDATION_NAME)
        manifest = make_manifest(
            run_id=run_id, file=file.name, sha256=sha256_of(file),
            settings=settings, result=result, dataset=dataset,
        )  # fmt: skip
        write_manifest(folder, manifest)


def _as_result(child: ChildRecord) -> ChildResult:
    assert child.started is not None  # noqa: S101 - a finished candidate has both
    assert child.ended is not None  # noqa: S101
    return ChildResult(
        number=child.number,
        algorithm=child.algorithm,
        preprocessor=child.preprocessor,
        parameters=child.parameters,
        status=str(child.status),
        metrics=child.metrics,
        score=child.score,
        started=child.started,
        ended=child.ended,
    )
